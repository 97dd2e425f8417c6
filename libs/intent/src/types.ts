// What users declare, as typed values: the parts of `argoproj.io/v1alpha1` that the hub acts on. Fields that a later room does not read yet are kept as JSON.
import type { JsonObject, JsonValue, LabelSelector } from '@wheelwright/kernel';

/** `metadata` of a declared object. `namespace` is the control namespace (`argocd` where the document names none). */
export interface IntentMeta {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
}

/** Options of a source that is a directory of plain YAML or JSON. */
export interface DirectoryOptions {
  readonly recurse?: boolean;
  /** Glob with `{a,b}` alternatives; empty: every manifest file. */
  readonly include?: string;
  /** Glob; wins over `include`. */
  readonly exclude?: string;
}

/** One source of manifests. */
export interface ApplicationSource {
  readonly repoURL: string;
  readonly path?: string;
  /** Branch, tag, commit or `HEAD`; absent means `HEAD`. */
  readonly targetRevision?: string;
  readonly chart?: string;
  readonly ref?: string;
  readonly name?: string;
  readonly directory?: DirectoryOptions;
  readonly helm?: JsonObject;
  readonly kustomize?: JsonObject;
  readonly plugin?: JsonObject;
}

/** Where to: exactly one of `server` and `name`. */
export interface Destination {
  readonly server?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** `automated: {}` with `enabled` absent means on. */
export interface AutomatedPolicy {
  readonly prune?: boolean;
  readonly selfHeal?: boolean;
  readonly allowEmpty?: boolean;
  readonly enabled?: boolean;
}

/** Retry of failed automated operations; durations are Go texts such as `5s`. */
export interface RetryPolicy {
  /** Attempts after the first; -1: endless. */
  readonly limit?: number;
  readonly refresh?: boolean;
  readonly backoff?: { readonly duration?: string; readonly factor?: number; readonly maxDuration?: string };
}

export interface SyncPolicy {
  readonly automated?: AutomatedPolicy;
  readonly syncOptions?: readonly string[];
  readonly retry?: RetryPolicy;
  readonly managedNamespaceMetadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** One rule of `ignoreDifferences`. */
export interface IgnoreDifference {
  readonly group?: string;
  readonly kind: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly jsonPointers?: readonly string[];
  readonly jqPathExpressions?: readonly string[];
  readonly managedFieldsManagers?: readonly string[];
}

/** `spec` of an Application. `project` is `default` where the document gives none. */
export interface ApplicationSpec {
  readonly project: string;
  readonly source?: ApplicationSource;
  /** Where not empty, `source` is ignored. */
  readonly sources?: readonly ApplicationSource[];
  readonly destination: Destination;
  readonly syncPolicy?: SyncPolicy;
  readonly ignoreDifferences?: readonly IgnoreDifference[];
  readonly info?: readonly JsonValue[];
  readonly revisionHistoryLimit?: number;
}

export interface Application {
  readonly metadata: IntentMeta;
  readonly spec: ApplicationSpec;
}

/** A template of an Application: every string, and every key of a map, may hold `{{parameters}}`. Kept as JSON until it is rendered. */
export interface ApplicationTemplate extends JsonObject {
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
}

/** One element of `generators`: the keys that are set say which generators it is. */
export interface Generator {
  readonly list?: {
    readonly elements?: readonly JsonObject[];
    readonly elementsYaml?: string;
    readonly template?: ApplicationTemplate;
  };
  readonly clusters?: {
    readonly selector?: LabelSelector;
    readonly values?: Readonly<Record<string, string>>;
    readonly flatList?: boolean;
    readonly template?: ApplicationTemplate;
  };
  readonly git?: GitGenerator;
  /** Filters the parameters of this element, whatever generator it is. */
  readonly selector?: LabelSelector;
  /** Generators of later issues, by their key: known, not expanded yet. */
  readonly others?: Readonly<Record<string, JsonObject>>;
}

export interface GitGenerator {
  readonly repoURL: string;
  readonly revision: string;
  readonly directories?: readonly { readonly path: string; readonly exclude?: boolean }[];
  readonly files?: readonly { readonly path: string; readonly exclude?: boolean }[];
  readonly values?: Readonly<Record<string, string>>;
  readonly pathParamPrefix?: string;
  readonly requeueAfterSeconds?: number;
  readonly template?: ApplicationTemplate;
}

/** What the controller of sets may do to the Applications of a set (`applicationsSync`). */
export type ApplicationsSyncPolicy = 'create-only' | 'create-update' | 'create-delete' | 'sync';

export interface ApplicationSetSpec {
  readonly generators: readonly Generator[];
  readonly template: ApplicationTemplate;
  readonly templatePatch?: string;
  readonly goTemplate: boolean;
  readonly goTemplateOptions?: readonly string[];
  readonly syncPolicy?: {
    readonly applicationsSync?: ApplicationsSyncPolicy;
    readonly preserveResourcesOnDeletion?: boolean;
  };
  readonly strategy?: JsonObject;
  readonly preservedFields?: { readonly annotations?: readonly string[]; readonly labels?: readonly string[] };
  readonly ignoreApplicationDifferences?: readonly JsonObject[];
}

export interface ApplicationSet {
  readonly metadata: IntentMeta;
  readonly spec: ApplicationSetSpec;
}

export interface ProjectDestination {
  readonly server?: string;
  readonly name?: string;
  readonly namespace?: string;
}

export interface KindRule {
  readonly group: string;
  readonly kind: string;
  readonly name?: string;
}

/** `spec` of an AppProject. An absent list and an empty one differ where `compatibility.md` 2.9 says so. */
export interface AppProjectSpec {
  readonly description?: string;
  readonly sourceRepos?: readonly string[];
  readonly destinations?: readonly ProjectDestination[];
  readonly sourceNamespaces?: readonly string[];
  readonly clusterResourceWhitelist?: readonly KindRule[];
  readonly clusterResourceBlacklist?: readonly KindRule[];
  readonly namespaceResourceWhitelist?: readonly KindRule[];
  readonly namespaceResourceBlacklist?: readonly KindRule[];
  readonly permitOnlyProjectScopedClusters?: boolean;
  readonly roles?: readonly JsonObject[];
  readonly syncWindows?: readonly JsonObject[];
  readonly orphanedResources?: JsonObject;
  readonly destinationServiceAccounts?: readonly JsonObject[];
}

export interface AppProject {
  readonly metadata: IntentMeta;
  readonly spec: AppProjectSpec;
}

/** An object that the catalogue keeps. */
export type CatalogueObject =
  | { readonly kind: 'Application'; readonly object: Application }
  | { readonly kind: 'ApplicationSet'; readonly object: ApplicationSet }
  | { readonly kind: 'AppProject'; readonly object: AppProject };

/** One document that somebody applied: an object of the catalogue, or a cluster Secret, which the registry reads itself. */
export type IntentObject = CatalogueObject | { readonly kind: 'ClusterSecret'; readonly raw: JsonObject };
