import { describe, expect, it } from 'vitest';
import { isRole, ROLES, type Actor } from './actor.js';
import { ACTIONS, decide, type Action } from './decide.js';

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
  });
});
