// A cluster Secret in; what it says of the hub itself, where it is about the hub, out.
import { isJsonObject, type JsonObject } from '@wheelwright/kernel';
import { IN_CLUSTER_SERVER } from './address.js';
import { factsOfSecret, serverOfSecret } from './cluster-secret.js';

/** What somebody may declare of the hub as a destination. There is nothing to connect to, so there are no credentials. */
export interface HubFacts {
  /** Empty: as it is. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly project: string;
  /** What the Secret holds and nobody reads. */
  readonly warnings: readonly string[];
}

/** Reads a cluster Secret whose server is the hub's own address; `undefined` for every other one. Throws `InvalidDocument` like a registration. */
export function hubFactsOfSecret(secret: JsonObject): HubFacts | undefined {
  if (serverOfSecret(secret).replace(/\/+$/, '') !== IN_CLUSTER_SERVER) return undefined;
  const { name, labels, annotations, project, namespaces } = factsOfSecret(secret);
  const warnings = [
    ...(hasConfig(secret) ? ['its config is left out: the hub reaches itself without credentials'] : []),
    ...(namespaces.length > 0 ? ['its namespaces are left out: what goes to the hub is declared, not deployed'] : []),
  ];
  return { name, labels, annotations, project, warnings };
}

function hasConfig(secret: JsonObject): boolean {
  return ['data', 'stringData'].some((part) => {
    const entries = secret[part];
    return isJsonObject(entries) && typeof entries['config'] === 'string' && entries['config'] !== '';
  });
}
