import { describe, expect, it } from 'vitest';
import { isProjectRoleName, isRole, ROLES, type Actor } from './actor.js';
import { ACTIONS, decide, type Action } from './decide.js';
import { projectGrants } from './project-roles.js';

const actor = (role: Actor['role']): Actor => ({ id: '1', name: 'someone', role, via: 'session' });

describe('decide', () => {
  it('lets an administrator do everything', () => {
    for (const action of ACTIONS) expect(decide(actor('admin'), action)).toEqual({ allowed: true, rule: 'role:admin' });
  });

  it('lets a readonly actor read and end the own session, and nothing else', () => {
    const allowed = ACTIONS.filter((action) => decide(actor('readonly'), action).allowed);
    expect(allowed).toEqual([
      'fleet:read',
      'clusters:read',
      'applications:read',
      'applicationsets:read',
      'projects:read',
      'generatorinputs:read',
      'metrics:read',
      'session:read',
      'session:end',
    ]);
  });

  it('says which grant is missing, and on what', () => {
    const decision = decide(actor('readonly'), 'clusters:write', { name: 'eu-1' });
    expect(decision).toEqual({
      allowed: false,
      reason: 'the role readonly has no grant for clusters:write on "eu-1"; ask an administrator',
    });
  });

  it('denies by default: an unknown role or action has no grant', () => {
    const stranger = { ...actor('readonly'), role: 'constructor' as Actor['role'] };
    for (const action of ACTIONS) expect(decide(stranger, action).allowed).toBe(false);
    expect(decide(actor('admin'), 'everything:everything' as Action).allowed).toBe(false);
  });

  it('knows its roles', () => {
    expect(ROLES.every(isRole)).toBe(true);
    expect(isRole('root')).toBe(false);
    expect(isRole(undefined)).toBe(false);
    expect(isProjectRoleName('proj:shop:ci')).toBe(true);
    for (const text of ['proj:shop', 'proj::ci', 'proj:shop:ci:x', 'role:shop:ci', undefined])
      expect(isProjectRoleName(text)).toBe(false);
  });
});

describe('decide for a project role', () => {
  const roleWith = (...policies: readonly string[]): Actor => ({
    id: '1',
    name: 'token:ci',
    role: 'proj:shop:ci',
    via: 'token',
    rights: {
      project: 'shop',
      namespace: 'argocd',
      role: 'ci',
      grants: projectGrants('shop', [{ name: 'ci', policies: policies.map((policy) => `p, proj:shop:ci, ${policy}`) }]),
    },
  });
  const allowedTo = (actor: Actor): readonly Action[] => ACTIONS.filter((action) => decide(actor, action).allowed);

  it.each<[string, readonly string[], readonly Action[]]>([
    ['nothing', [], ['projects:read', 'session:read', 'session:end']],
    [
      'to get',
      ['applications, get, shop/*, allow', 'applicationsets, get, shop/*, allow'],
      ['fleet:read', 'applications:read', 'applicationsets:read', 'projects:read', 'session:read', 'session:end'],
    ],
    [
      'to sync',
      ['applications, sync, shop/web, allow'],
      ['applications:sync', 'projects:read', 'session:read', 'session:end'],
    ],
    [
      'to create sets',
      ['applicationsets, create, shop/*, allow'],
      ['projects:read', 'intent:apply', 'session:read', 'session:end'],
    ],
    [
      'everything that policies can say',
      ['applications', 'applicationsets', 'logs', 'exec', 'clusters', 'repositories'].map(
        (resource) => `${resource}, *, shop/*, allow`,
      ),
      [
        'fleet:read',
        'applications:read',
        'applications:sync',
        'applications:delete',
        'applicationsets:read',
        'applicationsets:delete',
        'projects:read',
        'intent:apply',
        'deletions:approve',
        'session:read',
        'session:end',
      ],
    ],
  ])('that permits %s', (_what, policies, actions) => {
    expect(allowedTo(roleWith(...policies))).toEqual(actions);
  });

  it('decides by the object: project, name, namespace, resource and verb', () => {
    const actor = roleWith(
      'applications, update, shop/*, allow',
      'applications, update, shop/prod, deny',
      'applicationsets, create, shop/team-a/*, allow',
    );
    const may = (subject: Parameters<typeof decide>[2]): boolean => decide(actor, 'intent:apply', subject).allowed;
    const web = {
      resource: 'applications',
      verb: 'update',
      project: 'shop',
      namespace: 'argocd',
      name: 'web',
    } as const;
    expect(may(web)).toBe(true);
    expect(may({ ...web, name: 'prod' })).toBe(false);
    expect(may({ ...web, verb: 'create' })).toBe(false);
    expect(may({ ...web, project: 'bank' })).toBe(false);
    expect(may({ ...web, resource: 'applicationsets' })).toBe(false);
    expect(may({ ...web, resource: 'applicationsets', verb: 'create' })).toBe(false);
    expect(may({ ...web, resource: 'applicationsets', verb: 'create', namespace: 'team-a' })).toBe(true);
    expect(decide(actor, 'projects:read', { project: 'shop', name: 'shop' }).allowed).toBe(true);
    expect(decide(actor, 'projects:read', { project: 'bank', name: 'bank' }).allowed).toBe(false);
  });

  it('refuses everything to a role that was not read', () => {
    const { rights: _none, ...bare } = roleWith('applications, *, shop/*, allow');
    expect(allowedTo(bare)).toEqual([]);
  });

  it('refuses what a denial covers, whatever else is permitted', () => {
    const actor = roleWith('applications, *, shop/*, allow', 'applications, delete, shop/*, deny');
    const subject = { project: 'shop', name: 'web' };
    expect(decide(actor, 'applications:delete', subject)).toEqual({
      allowed: false,
      reason: 'the role ci is denied "applications, delete, shop/web" by "applications, delete, shop/*, deny"',
    });
    expect(decide(actor, 'applications:sync', subject)).toEqual({
      allowed: true,
      rule: 'proj:shop:ci: applications, *, shop/*, allow',
    });
  });
});
