// A project and a destination in, who the hub has to be there out (`compatibility.md` 2.9).
import type { AppProject } from '@wheelwright/intent';
import { matchesAny } from './patterns.js';

/** Where requests for an Application go. */
export interface AccountPlace {
  readonly server: string;
  /** `spec.destination.namespace`; empty where the Application names none. */
  readonly namespace: string;
  /** `metadata.namespace` of the Application: where an account without a namespace stands if the destination has none. */
  readonly applicationNamespace: string;
}

/** Who requests to the spoke are made as: the hub itself, another user, or nobody, and then they must not be made. */
export type Impersonation =
  | { readonly kind: 'none' }
  /** Value of the header `Impersonate-User`. */
  | { readonly kind: 'user'; readonly user: string }
  | { readonly kind: 'refused'; readonly problem: string };

const USER = /^system:serviceaccount:[a-z0-9.-]+:[a-z0-9.-]+$/;

/**
 * The first item of `destinationServiceAccounts` whose server and namespace match says who. A project without items has nobody impersonated; one
 * with items of which none matches lets nothing through.
 */
export function serviceAccountFor(project: AppProject, place: AccountPlace): Impersonation {
  const items = project.spec.destinationServiceAccounts ?? [];
  if (items.length === 0) return { kind: 'none' };
  const item = items.find(
    ({ server, namespace }) =>
      matchesAny([server], place.server, false) && matchesAny([namespace], place.namespace, false),
  );
  const where = `the namespace "${place.namespace}" of ${place.server}`;
  const problem = (what: string): Impersonation => ({
    kind: 'refused',
    problem: `project ${project.metadata.name}: ${what}`,
  });
  if (item === undefined) return problem(`no service account for ${where}: add one to destinationServiceAccounts`);
  const account = item.defaultServiceAccount;
  const namespace = place.namespace === '' ? place.applicationNamespace : place.namespace;
  const user = `system:serviceaccount:${account.includes(':') ? account : `${namespace}:${account}`}`;
  return USER.test(user)
    ? { kind: 'user', user }
    : problem(`"${account}" is no service account: give a name, or namespace:name`);
}
