// Which object a request is about, and where it is kept.
import type { Subject } from './api-error.js';
import type { Kind } from './kinds.js';
import { objectKey } from './store.js';

/** Which object a request is about. */
export interface Target {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** `status`, `finalize`, or empty for the object itself. */
  readonly subresource: string;
}

/** Where an object is stored under its resource. */
export const placeOf = (target: Target): string =>
  objectKey(target.kind.namespaced ? target.namespace : '', target.name);

/** How most errors name an object: by resource. */
export const subjectOf = (target: Pick<Target, 'kind' | 'name'>): Subject => ({
  group: target.kind.group,
  resource: target.kind.plural,
  name: target.name,
});

/** Now, as Kubernetes writes times: RFC 3339 in whole seconds. */
export const timestamp = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');
