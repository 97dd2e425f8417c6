// What users declare, as typed values: the parts of `argoproj.io/v1alpha1` that the hub acts on. Fields that a later room does not read yet are kept as JSON.
import type { JsonObject, JsonValue, LabelSelector } from '@wheelwright/kernel';
import type { AppProject } from './types-project.js';

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
export interface Generator extends LeafGenerator {
  readonly matrix?: MatrixGenerator;
  readonly merge?: MergeGenerator;
}

/** Generators that hold no other generators. */
export interface LeafGenerator {
  readonly list?: ListGenerator;
  readonly clusters?: ClustersGenerator;
  readonly git?: GitGenerator;
  readonly scmProvider?: ScmProviderGenerator;
  readonly pullRequest?: PullRequestGenerator;
  readonly clusterDecisionResource?: ClusterDecisionResourceGenerator;
  readonly plugin?: PluginGenerator;
  /** Filters the parameters of this element, whatever generator it is. */
  readonly selector?: LabelSelector;
}

/** What most generators that ask somebody else share. */
interface AskingGenerator {
  /** Seconds until the answer is asked for again; absent: 180 (git, decisions) or 1,800 (hosts of repositories, plugins). */
  readonly requeueAfterSeconds?: number;
  /** Further parameters, each rendered once against the generator's own. */
  readonly values?: Readonly<Record<string, string>>;
  readonly template?: ApplicationTemplate;
}

export interface ListGenerator {
  readonly elements?: readonly JsonObject[];
  readonly elementsYaml?: string;
  readonly template?: ApplicationTemplate;
}

export interface ClustersGenerator {
  readonly selector?: LabelSelector;
  readonly values?: Readonly<Record<string, string>>;
  readonly flatList?: boolean;
  readonly template?: ApplicationTemplate;
}

/** A path pattern of a git generator. */
export interface PathPattern {
  readonly path: string;
  readonly exclude?: boolean;
}

export interface GitGenerator extends AskingGenerator {
  readonly repoURL: string;
  readonly revision: string;
  readonly directories?: readonly PathPattern[];
  readonly files?: readonly PathPattern[];
  readonly pathParamPrefix?: string;
}

/** The product of exactly two generators; the second is interpolated with each parameter set of the first. */
export interface MatrixGenerator {
  readonly generators: readonly Generator[];
  readonly template?: ApplicationTemplate;
}

/** The sets of the first generator, overridden by those of the later ones that have the same values of `mergeKeys`. */
export interface MergeGenerator {
  readonly generators: readonly Generator[];
  readonly mergeKeys: readonly string[];
  readonly template?: ApplicationTemplate;
}

/** A key of a Secret in the namespace of the set. */
export interface SecretKeyRef {
  readonly secretName: string;
  readonly key: string;
}

/** A key of a ConfigMap in the namespace of the set. */
export interface ConfigMapKeyRef {
  readonly configMapName: string;
  readonly key: string;
}

export interface BasicAuthRef {
  readonly username: string;
  readonly passwordRef: SecretKeyRef;
}

export interface BearerTokenRef {
  readonly tokenRef: SecretKeyRef;
}

/** Conditions of one filter are AND-ed, filters are OR-ed, as `compatibility.md` 2.3 says. */
export interface ScmProviderFilter {
  readonly repositoryMatch?: string;
  readonly pathsExist?: readonly string[];
  readonly pathsDoNotExist?: readonly string[];
  readonly labelMatch?: string;
  readonly branchMatch?: string;
}

/** Repositories of an organisation. Exactly one provider is set. */
export interface ScmProviderGenerator extends AskingGenerator {
  readonly github?: {
    readonly organization: string;
    readonly api?: string;
    readonly tokenRef?: SecretKeyRef;
    readonly appSecretName?: string;
    readonly allBranches?: boolean;
  };
  readonly gitlab?: {
    readonly group: string;
    readonly includeSubgroups?: boolean;
    readonly includeSharedProjects?: boolean;
    readonly includeArchivedRepos?: boolean;
    readonly api?: string;
    readonly tokenRef?: SecretKeyRef;
    readonly allBranches?: boolean;
    readonly insecure?: boolean;
    readonly caRef?: ConfigMapKeyRef;
    readonly topic?: string;
  };
  readonly gitea?: {
    readonly owner: string;
    readonly api: string;
    readonly tokenRef?: SecretKeyRef;
    readonly allBranches?: boolean;
    readonly insecure?: boolean;
  };
  readonly bitbucketServer?: {
    readonly project: string;
    readonly api: string;
    readonly basicAuth?: BasicAuthRef;
    readonly bearerToken?: BearerTokenRef;
    readonly allBranches?: boolean;
    readonly insecure?: boolean;
    readonly caRef?: ConfigMapKeyRef;
  };
  readonly bitbucket?: {
    readonly owner: string;
    readonly user: string;
    readonly appPasswordRef?: SecretKeyRef;
    readonly allBranches?: boolean;
  };
  readonly azureDevOps?: {
    readonly organization: string;
    readonly api?: string;
    readonly teamProject: string;
    readonly accessTokenRef?: SecretKeyRef;
    readonly allBranches?: boolean;
  };
  /** Known, and refused when it is expanded: it needs an AWS identity. */
  readonly awsCodeCommit?: JsonObject;
  readonly filters?: readonly ScmProviderFilter[];
  /** `ssh` or `https`; absent: what the provider's default is. */
  readonly cloneProtocol?: string;
}

export interface PullRequestFilter {
  readonly branchMatch?: string;
  readonly targetBranchMatch?: string;
  readonly titleMatch?: string;
}

/** Open pull requests of a repository. Exactly one provider is set. */
export interface PullRequestGenerator extends AskingGenerator {
  readonly github?: {
    readonly owner: string;
    readonly repo: string;
    readonly api?: string;
    readonly tokenRef?: SecretKeyRef;
    readonly appSecretName?: string;
    readonly labels?: readonly string[];
  };
  readonly gitlab?: {
    readonly project: string;
    readonly api?: string;
    readonly tokenRef?: SecretKeyRef;
    readonly labels?: readonly string[];
    readonly pullRequestState?: string;
    readonly insecure?: boolean;
    readonly caRef?: ConfigMapKeyRef;
  };
  readonly gitea?: {
    readonly owner: string;
    readonly repo: string;
    readonly api: string;
    readonly tokenRef?: SecretKeyRef;
    readonly labels?: readonly string[];
    readonly insecure?: boolean;
  };
  readonly bitbucketServer?: {
    readonly project: string;
    readonly repo: string;
    readonly api: string;
    readonly basicAuth?: BasicAuthRef;
    readonly bearerToken?: BearerTokenRef;
    readonly insecure?: boolean;
    readonly caRef?: ConfigMapKeyRef;
  };
  readonly bitbucket?: {
    readonly owner: string;
    readonly repo: string;
    readonly api?: string;
    readonly basicAuth?: BasicAuthRef;
    readonly bearerToken?: BearerTokenRef;
  };
  readonly azuredevops?: {
    readonly organization: string;
    readonly project: string;
    readonly repo: string;
    readonly api?: string;
    readonly tokenRef?: SecretKeyRef;
    readonly labels?: readonly string[];
  };
  readonly filters?: readonly PullRequestFilter[];
  /** A repository that does not exist is no pull requests instead of a failure. */
  readonly continueOnRepoNotFoundError?: boolean;
}

/** Clusters that a resource of another controller (a placement decision) names. */
export interface ClusterDecisionResourceGenerator extends AskingGenerator {
  readonly configMapRef: string;
  readonly name?: string;
  readonly labelSelector?: LabelSelector;
}

/** Parameters that an HTTP service answers. */
export interface PluginGenerator extends AskingGenerator {
  readonly configMapRef: { readonly name: string };
  readonly input?: { readonly parameters?: JsonObject };
}

/** What the controller of sets may do to the Applications of a set (`applicationsSync`). */
export type ApplicationsSyncPolicy = 'create-only' | 'create-update' | 'create-delete' | 'sync';

/** Fields of generated Applications that the set leaves as somebody else wrote them. */
export interface ApplicationDifferenceRule {
  /** Only the Application of this name; absent: all of the set. */
  readonly name?: string;
  readonly jsonPointers?: readonly string[];
  readonly jqPathExpressions?: readonly string[];
}

/** Fields of generated Applications that others may write: the set leaves them as they are. */
export interface IgnoreApplicationDifference {
  /** Only this Application; absent or empty: all of the set. */
  readonly name?: string;
  readonly jsonPointers?: readonly string[];
  readonly jqPathExpressions?: readonly string[];
}

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
  readonly ignoreApplicationDifferences?: readonly ApplicationDifferenceRule[];
}

export interface ApplicationSet {
  readonly metadata: IntentMeta;
  readonly spec: ApplicationSetSpec;
}

export type * from './types-project.js';

/** An object that the catalogue keeps. */
export type CatalogueObject =
  | { readonly kind: 'Application'; readonly object: Application }
  | { readonly kind: 'ApplicationSet'; readonly object: ApplicationSet }
  | { readonly kind: 'AppProject'; readonly object: AppProject };

/** A ConfigMap or Secret that generators name. The texts of a Secret are plain here: never log, answer or keep them as they are. */
export interface GeneratorInput {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly metadata: Pick<IntentMeta, 'name' | 'namespace' | 'labels'>;
  /** Decoded; of a Secret `stringData` over `data`. */
  readonly data: Readonly<Record<string, string>>;
}

/** One document that somebody applied: an object of the catalogue, an input of generators, or a cluster Secret, which the registry reads itself. */
export type IntentObject =
  | CatalogueObject
  | { readonly kind: 'GeneratorInput'; readonly input: GeneratorInput }
  | { readonly kind: 'ClusterSecret'; readonly raw: JsonObject };
