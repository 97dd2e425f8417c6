// What the rest of the hub may know of a spoke. Credentials never leave the registry's adapters.
import type { ClusterId } from '@wheelwright/kernel';

/** State of the connection to a spoke, as last observed. */
export type ClusterState = 'Pending' | 'Connected' | 'Unreachable' | 'Unauthorized' | 'Paused';

/** One registered spoke. */
export interface ClusterView {
  readonly id: ClusterId;
  readonly name: string;
  /** Address of its API server, without a trailing slash. */
  readonly server: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Empty: not scoped to a project. */
  readonly project: string;
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
  readonly state: ClusterState;
}

/** How to authenticate to a spoke: exactly one of a bearer token and a client certificate with its key (PEM). */
export type ClusterCredentials =
  | { readonly kind: 'bearerToken'; readonly token: string }
  | { readonly kind: 'clientCertificate'; readonly certData: string; readonly keyData: string };
