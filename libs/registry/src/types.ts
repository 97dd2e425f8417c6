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

/** A spoke as its own page shows it. Times are ISO. */
export interface ClusterDetail extends ClusterView {
  /** Why the state is what it is: an error code, or empty. */
  readonly reason: string;
  readonly message: string;
  /** Since when the state is what it is. */
  readonly since: string;
  readonly kubernetesVersion: string;
  readonly observedAt: string | null;
  readonly probedAt: string | null;
  readonly paused: boolean;
  /** The hub itself as a destination: no address to connect to, no credentials, never probed. */
  readonly isHub: boolean;
  /** Whether objects outside namespaces may be managed. */
  readonly clusterResources: boolean;
  readonly tls: { readonly serverName: string | null; readonly insecure: boolean };
  /** How the hub authenticates; never with what. */
  readonly credentials: ClusterCredentials['kind'] | null;
  readonly deletionRequestedAt: string | null;
  readonly createdAt: string;
}

/** How to authenticate to a spoke: exactly one of a bearer token and a client certificate with its key (PEM). */
export type ClusterCredentials =
  | { readonly kind: 'bearerToken'; readonly token: string }
  | { readonly kind: 'clientCertificate'; readonly certData: string; readonly keyData: string };

/** How to trust a spoke's API server. `caData` is PEM. */
export interface ClusterTls {
  readonly caData?: string;
  readonly serverName?: string;
  readonly insecure: boolean;
}

/** A spoke as somebody declares it, checked and normalised. Holds credentials. */
export interface ClusterRegistration {
  readonly name: string;
  readonly server: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly project: string;
  readonly namespaces: readonly string[];
  readonly clusterResources: boolean;
  readonly tls: ClusterTls;
  readonly credentials: ClusterCredentials;
}

/** What may change of a registered spoke. In `labels` and `annotations` a `null` removes the key (RFC 7396). */
export interface ClusterPatch {
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
  readonly credentials?: ClusterCredentials;
  readonly paused?: boolean;
}
