import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideProjectRole, projectGrants, projectRolesOf, type DeclaredRole } from './project-roles.js';

const grantsOf = (...roles: readonly DeclaredRole[]) => projectGrants('shop', roles);
const ci: DeclaredRole = {
  name: 'ci',
  policies: [
    'p, proj:shop:ci, applications, *, shop/*, allow',
    'p, proj:shop:ci, applications, delete, shop/*, deny',
    'p, proj:shop:ci, applications, action/apps/*, shop/prod/*, deny',
    'p, proj:shop:ci, logs, get, shop/web-?, allow',
  ],
  groups: ['dev', '"a, b"'],
};

describe('roles of a project', () => {
  it.each<[string, string, string, boolean]>([
    ['applications', 'sync', 'shop/web', true],
    ['applications', 'sync', 'shop/team-a/web', true],
    ['applications', 'delete', 'shop/web', false],
    ['applications', 'action/apps/Deployment/restart', 'shop/web', true],
    ['applications', 'action/apps/Deployment/restart', 'shop/prod/web', false],
    ['applications', 'sync', 'shopping/web', false],
    ['logs', 'get', 'shop/web-1', true],
    ['logs', 'get', 'shop/web-12', false],
    ['projects', 'get', 'shop', true],
    ['projects', 'get', 'other', false],
    ['projects', 'update', 'shop', false],
    ['clusters', 'get', 'shop/x', false],
  ])('%s, %s, %s: %s', (...[resource, action, object, allowed]) => {
    const decision = decideProjectRole(grantsOf(ci), 'ci', { resource, action, object });
    expect(decision.allowed).toBe(allowed);
  });

  it('names the policy that decided', () => {
    const grants = grantsOf(ci);
    const wanted = { resource: 'applications', action: 'sync', object: 'shop/web' };
    expect(decideProjectRole(grants, 'ci', wanted)).toEqual({ allowed: true, rule: 'applications, *, shop/*, allow' });
    expect(decideProjectRole(grants, 'ci', { ...wanted, action: 'delete' })).toEqual({
      allowed: false,
      reason: 'the role ci is denied "applications, delete, shop/web" by "applications, delete, shop/*, deny"',
    });
    expect(decideProjectRole(grants, 'other', wanted)).toEqual({
      allowed: false,
      reason: 'the role other has no policy that allows "applications, sync, shop/web"',
    });
  });

  it('grant nothing outside of their project and role', () => {
    const policies = [
      'p, proj:other:ci, applications, get, other/*, allow',
      'p, proj:shop:admin, applications, get, shop/*, allow',
      'p, proj:shop:ci, applications, get, other/*, allow',
      'p, proj:shop:ci, applications, get, *, allow',
      'p, proj:shop:ci, applications, get, shop/*, perhaps',
      'nonsense',
    ];
    expect(grantsOf({ name: 'ci', policies }).map(({ resource }) => resource)).toEqual(['projects']);
  });

  it('never allow more because of one more denial (property)', () => {
    const part = fc.constantFrom('*', 'get', 'sync', 'applications', 'a*');
    const grant = fc.record({
      role: fc.constant('ci'),
      resource: part,
      action: part,
      object: fc.constantFrom('shop/*', 'shop/web', '['),
      effect: fc.constantFrom('allow' as const, 'deny' as const),
    });
    const wanted = { resource: 'applications', action: 'sync', object: 'shop/web' };
    fc.assert(
      fc.property(fc.array(grant), grant, (grants, extra) => {
        const denied = [...grants, { ...extra, effect: 'deny' as const }];
        if (decideProjectRole(denied, 'ci', wanted).allowed)
          expect(decideProjectRole(grants, 'ci', wanted).allowed).toBe(true);
      }),
    );
  });

  it('are held by groups', () => {
    const both = [ci, { name: 'viewer', groups: ['ops', 'dev'] }, { name: 'nobody' }];
    expect(projectRolesOf(both, ['dev'])).toEqual(['ci', 'viewer']);
    expect(projectRolesOf(both, ['a, b'])).toEqual(['ci']);
    expect(projectRolesOf(both, ['"dev"', ''])).toEqual([]);
  });
});
