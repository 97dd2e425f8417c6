import { describe, expect, it } from 'vitest';
import { parseDocuments, type ParsedDocuments } from './parse.js';
import type { AppProjectSpec } from './types-project.js';

const parse = (spec: object): ParsedDocuments =>
  parseDocuments(
    JSON.stringify({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'shop' }, spec }),
  );
const specOf = (spec: object): AppProjectSpec | undefined => {
  const [object] = parse(spec).objects;
  return object?.kind === 'AppProject' ? object.object.spec : undefined;
};
const faultsOf = (spec: object): readonly string[] =>
  parse(spec).faults.map(({ pointer, message }) => `${pointer} ${message}`);

const WINDOW = { kind: 'deny', schedule: '0 22 * * *', duration: '8h', applications: ['*'] };
const ROLE = { name: 'ci', policies: ['p, proj:shop:ci, applications, sync, shop/*, allow'] };

describe('an AppProject', () => {
  it('is taken in full, as it was declared', () => {
    const spec = {
      description: 'everything',
      sourceRepos: ['*', '!https://git.example/secret/**'],
      destinations: [
        { server: 'https://*.example', namespace: 'shop-*' },
        { name: '!prod-*', namespace: '*' },
        { namespace: 'shop', clusterSelector: { matchLabels: { tier: 'gold' } } },
      ],
      sourceNamespaces: ['team-*', '/^apps-(a|b)$/'],
      clusterResourceWhitelist: [],
      namespaceResourceBlacklist: [{ group: '', kind: 'ResourceQuota' }],
      permitOnlyProjectScopedClusters: true,
      roles: [
        {
          name: 'ci',
          description: 'the pipeline',
          policies: [
            'p, proj:shop:ci, applications, sync, shop/*, allow',
            'p, proj:shop:ci, applications, action/apps/Deployment/restart, shop/team-a/web-*, deny',
            'p,proj:shop:ci,clusters,get,shop/https://eu.example,allow',
          ],
          groups: ['dev', '"a, b"'],
        },
      ],
      syncWindows: [
        {
          ...WINDOW,
          timeZone: 'Europe/Berlin',
          manualSync: true,
          syncOverrun: true,
          andOperator: true,
          description: 'x',
        },
        { kind: 'allow', schedule: '*/5 9-17 * * MON-FRI', duration: '1h30m', clusters: ['prod'], namespaces: ['a*'] },
      ],
      orphanedResources: { warn: false, ignore: [{ group: 'apps', kind: 'Deployment', name: 'x*' }, {}] },
      destinationServiceAccounts: [
        { server: 'https://*', namespace: 'shop', defaultServiceAccount: 'deployer' },
        { server: '*', namespace: '*', defaultServiceAccount: 'ops:guest' },
      ],
    };
    const parsed = parse(spec);
    expect(parsed.faults).toEqual([]);
    expect(parsed.warnings).toEqual([]);
    expect(specOf(spec)).toEqual(spec);
  });

  it('says what is taken and not acted on', () => {
    const spec = {
      signatureKeys: [{ keyID: '4AEE18F83AFDEB23' }],
      sourceIntegrity: { git: { policies: [] } },
      roles: [{ ...ROLE, jwtTokens: [{ iat: 1 }] }],
      nonsense: 1,
    };
    const parsed = parse(spec);
    expect(parsed.faults).toEqual([]);
    expect(parsed.warnings.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual([
      expect.stringMatching(/^\/spec\/signatureKeys .*nothing acts on it/),
      expect.stringMatching(/^\/spec\/sourceIntegrity .*nothing acts on it/),
      expect.stringMatching(/^\/spec\/roles\/0\/jwtTokens .*left out/),
      expect.stringMatching(/^\/spec\/nonsense .*unknown/),
    ]);
    expect(specOf(spec)).toEqual({
      signatureKeys: spec.signatureKeys,
      sourceIntegrity: spec.sourceIntegrity,
      roles: [ROLE],
    });
    expect(parse({ signatureKeys: [] }).warnings).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['!*', { destinations: [{ server: '!*', namespace: '*' }] }, /destinations\/0\/server .*denies everything/],
    ['a glob', { destinations: [{ server: '*', namespace: '!a[' }] }, /destinations\/0\/namespace .*not closed/],
    ['a source', { sourceRepos: ['https://{a'] }, /sourceRepos\/0 .*not closed/],
    ['an expression', { sourceNamespaces: ['/a(?=b)/'] }, /sourceNamespaces\/0 .*no regular expression/],
    ['a role name', { roles: [{ name: 'a b' }] }, /roles\/0\/name .*letters, digits/],
    ['two roles', { roles: [{ name: 'a' }, { name: 'a' }] }, /roles\/1 .*second role "a"/],
    ['two groups', { roles: [{ name: 'a', groups: ['g', 'g'] }] }, /groups\/1 .*twice/],
    ['an unquoted group', { roles: [{ name: 'a', groups: ['a,b'] }] }, /groups\/0 .*double quotes/],
    [
      'two policies',
      { roles: [{ ...ROLE, policies: [...ROLE.policies, ...ROLE.policies] }] },
      /policies\/1 .*the same/,
    ],
    ['kind', { syncWindows: [{ ...WINDOW, kind: 'block' }] }, /syncWindows\/0\/kind .*allow or deny/],
    ['schedule', { syncWindows: [{ ...WINDOW, schedule: '0 22 * * 7' }] }, /schedule .*day of the week/],
    ['descriptor', { syncWindows: [{ ...WINDOW, schedule: '@daily' }] }, /schedule .*five fields/],
    ['never', { syncWindows: [{ ...WINDOW, schedule: '0 0 30 2 *' }] }, /schedule .*no month has/],
    ['duration', { syncWindows: [{ ...WINDOW, duration: '1 day' }] }, /duration .*such as 30m/],
    ['no duration', { syncWindows: [{ ...WINDOW, duration: '0s' }] }, /duration .*longer than nothing/],
    ['zone', { syncWindows: [{ ...WINDOW, timeZone: 'Berlin' }] }, /timeZone .*no time zone/],
    ['nothing', { syncWindows: [{ ...WINDOW, applications: [] }] }, /syncWindows\/0 .*would never apply/],
    ['twice', { syncWindows: [WINDOW, { ...WINDOW }] }, /syncWindows\/1 .*same window/],
    ['window glob', { syncWindows: [{ ...WINDOW, clusters: ['[a'] }] }, /clusters\/0 .*not closed/],
    ['orphan glob', { orphanedResources: { ignore: [{ kind: '[' }] } }, /ignore\/0\/kind .*not closed/],
    ...['*', '!sa', 'a/b', 'ns:sa:x', 'a{b}', '', ':sa', 'a\nb'].map(
      (defaultServiceAccount): [string, object, RegExp] => [
        `account "${defaultServiceAccount}"`,
        { destinationServiceAccounts: [{ server: '*', namespace: '*', defaultServiceAccount }] },
        /destinationServiceAccounts\/0\/defaultServiceAccount /,
      ],
    ),
    [
      'account server',
      { destinationServiceAccounts: [{ server: '!a', namespace: '*', defaultServiceAccount: 'x' }] },
      /server .*cannot deny/,
    ],
    [
      'account twice',
      {
        destinationServiceAccounts: ['x', 'y'].map((defaultServiceAccount) => ({
          server: '*',
          namespace: '*',
          defaultServiceAccount,
        })),
      },
      /destinationServiceAccounts\/1 .*never be taken/,
    ],
  ])('refuses %s', (_, spec, expected) => {
    expect(faultsOf(spec)).toContainEqual(expect.stringMatching(expected));
  });

  it.each([
    ['p, proj:shop:ci, applications, sync, shop/*', 'must be of the form'],
    ['g, proj:shop:ci, applications, sync, shop/*, allow', 'must be of the form'],
    ['p, proj:shop:other, applications, sync, shop/*, allow', 'must be about "proj:shop:ci"'],
    ['p, proj:other:ci, applications, sync, shop/*, allow', 'must be about "proj:shop:ci"'],
    ['p, proj:shop:ci, accounts, get, shop/*, allow', 'unknown resource'],
    ['p, proj:shop:ci, applications, destroy, shop/*, allow', 'unknown action'],
    ['p, proj:shop:ci, applications, get, other/*, allow', 'objects of this project'],
    ['p, proj:shop:ci, applications, get, *, allow', 'objects of this project'],
    ['p, proj:shop:ci, applications, get, shop*/*, allow', 'objects of this project'],
    ['p, proj:shop:ci, applications, get, shop/a/b/c, allow', 'objects of this project'],
    ['p, proj:shop:ci, repositories, get, other/https://x, allow', 'objects of this project'],
    ['p, proj:shop:ci, applications, get, shop/*, maybe', 'allow or deny'],
  ])('refuses the policy "%s"', (policy, message) => {
    const [fault, ...others] = faultsOf({ roles: [{ name: 'ci', policies: [policy] }] });
    expect(others).toEqual([]);
    expect(fault).toContain('/spec/roles/0/policies/0 ');
    expect(fault).toContain(message);
  });
});
