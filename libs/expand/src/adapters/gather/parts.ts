// What the gatherers of outside facts need: clients and readers that the process composes, and settings.
import type { InputRef } from '@wheelwright/intent';
import type { SpokeClient } from '@wheelwright/platform-kube';
import type { ScmClient } from '@wheelwright/platform-scm';

/** Reads ConfigMaps and Secrets that generators name; `undefined` where one is not there. Throws CredentialsUnreadable. */
export interface InputReader {
  read(key: InputRef & { readonly namespace: string }): Promise<Readonly<Record<string, string>> | undefined>;
}

/** What is read of a spoke that holds decision resources. */
export type DecisionSpoke = Pick<SpokeClient, 'get' | 'request'>;

export interface GatherSettings {
  /** Whether generators may ask Git hosts at all (WHEELWRIGHT_SCM_PROVIDERS). */
  readonly scmProviders: boolean;
  /** Name of the spoke that decision resources are read from where their ConfigMap names none (WHEELWRIGHT_DECISION_CLUSTER); empty: none. */
  readonly decisionCluster: string;
}

export interface GathererParts {
  readonly inputs: InputReader;
  readonly scm: ScmClient;
  /** A registered spoke by its name. Throws NotFound. */
  readonly spokeNamed: (name: string) => Promise<DecisionSpoke>;
  readonly settings: GatherSettings;
}
