// An action of this API in, what it is called in the policies of projects out (`compatibility.md` 2.11).
import type { Action } from './decide.js';

/** Kinds of objects that policies of projects speak of, and that are acted on here. */
export type PolicyResource = 'applications' | 'applicationsets' | 'clusters' | 'projects';

/** `applications, sync` in a policy. */
export interface PolicyVerb {
  readonly resource: PolicyResource;
  readonly action: 'get' | 'create' | 'update' | 'delete' | 'sync';
}

/** What holds for every caller whatever the project says, and what no project can give. */
export type PolicyVerbs = 'everybody' | 'nobody' | readonly PolicyVerb[];

const GET_APPLICATIONS = [{ resource: 'applications', action: 'get' }] as const;

/**
 * The one table between the two vocabularies. Where an action has several verbs, what it is done to decides which of them count; without that,
 * any of them lets a caller as far as the place that knows.
 * Policies about `logs`, `exec` and `repositories`, and the actions `override`, `rollback`, `invoke` and `action/…`, are read and have no effect
 * yet: nothing in this API does these things.
 */
export const POLICY_VERBS: Readonly<Record<Action, PolicyVerbs>> = {
  'fleet:read': GET_APPLICATIONS,
  'fleet:freeze': 'nobody',
  // Spokes are the platform team's. A role with `clusters, get` sees those of its project beside its Applications.
  'clusters:read': 'nobody',
  'clusters:write': 'nobody',
  'applications:read': GET_APPLICATIONS,
  'applications:sync': [{ resource: 'applications', action: 'sync' }],
  'applications:delete': [{ resource: 'applications', action: 'delete' }],
  'applicationsets:read': [{ resource: 'applicationsets', action: 'get' }],
  'applicationsets:delete': [{ resource: 'applicationsets', action: 'delete' }],
  'projects:read': [{ resource: 'projects', action: 'get' }],
  'projects:delete': 'nobody',
  'generatorinputs:read': 'nobody',
  'generatorinputs:delete': 'nobody',
  'intent:apply': [
    { resource: 'applications', action: 'create' },
    { resource: 'applications', action: 'update' },
    { resource: 'applicationsets', action: 'create' },
    { resource: 'applicationsets', action: 'update' },
  ],
  'deletions:approve': [
    { resource: 'applications', action: 'delete' },
    { resource: 'applicationsets', action: 'delete' },
  ],
  'metrics:read': 'nobody',
  'session:read': 'everybody',
  'session:end': 'everybody',
  'tokens:read': 'nobody',
  'tokens:write': 'nobody',
};
