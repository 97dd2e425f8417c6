import type { ApplicationSpec, AppProjectSpec } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import type { SpokeClient } from '@wheelwright/platform-kube';
import { serviceAccountFor } from '@wheelwright/policy';

/** An Application that a spoke is asked about, its destination and its project. */
export interface AskedApplication {
  readonly spec: ApplicationSpec;
  readonly namespace: string;
  readonly server: string | null;
  /** Of the declared project; null: nobody declared it. */
  readonly project: AppProjectSpec | null;
}

/** Reading has the rights that a sync has: as the service account that the project maps the destination to. Throws `PolicyDenied` where it maps none. */
export function inTheNameOf(client: SpokeClient, { spec, namespace, server, project }: AskedApplication): SpokeClient {
  if (project === null) return client;
  const metadata = { name: spec.project, namespace, labels: {}, annotations: {}, finalizers: [] };
  const account = serviceAccountFor(
    { metadata, spec: project },
    { server: server ?? '', namespace: spec.destination.namespace ?? '', applicationNamespace: namespace },
  );
  if (account.kind === 'refused') throw new AppError('PolicyDenied', account.problem);
  return account.kind === 'user' ? client.as(account.user) : client;
}
