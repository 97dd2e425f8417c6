// What an expansion asks of the world, and what it is answered. Both are plain data: the same answers, the same expansion.
import type {
  ClusterDecisionResourceGenerator,
  PathPattern,
  PullRequestGenerator,
  ScmProviderGenerator,
} from '@wheelwright/intent';
import { canonicalJson, type JsonObject, type LabelSelector } from '@wheelwright/kernel';
import type { ClusterView } from '@wheelwright/registry';

/** The registered spokes that a selector matches. An empty selector matches all. */
export interface ClustersRequest {
  readonly kind: 'clusters';
  readonly selector: LabelSelector;
}
export interface ClustersAnswer {
  readonly clusters: readonly ClusterView[];
  /** How many spokes are registered, matched or not. */
  readonly total: number;
}

/** All directories of a revision. */
export interface DirectoriesRequest {
  readonly kind: 'directories';
  readonly repoURL: string;
  /** Never empty: `HEAD` where the set gives none. */
  readonly revision: string;
}
export interface DirectoriesAnswer {
  readonly commit: string;
  /** Relative to the root, without the root itself, sorted. */
  readonly directories: readonly string[];
}

/** The files of a revision that the patterns choose, as `chooseFiles` of this room decides, with their content. */
export interface FilesRequest {
  readonly kind: 'files';
  readonly repoURL: string;
  readonly revision: string;
  readonly patterns: readonly PathPattern[];
}
export interface FilesAnswer {
  readonly commit: string;
  /** Sorted by path. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

/** Repositories and branches of an organisation that the filters let pass. */
export interface RepositoriesRequest {
  readonly kind: 'repositories';
  /** Of the set: where its Secrets and ConfigMaps are. */
  readonly namespace: string;
  /** Without `values`, `template` and `requeueAfterSeconds`. */
  readonly generator: ScmProviderGenerator;
}
export interface RepositoriesAnswer {
  readonly repositories: readonly ScmBranchFact[];
}
/** One branch of one repository. */
export interface ScmBranchFact {
  readonly organization: string;
  readonly repository: string;
  readonly repositoryId: string;
  /** Address to clone from. */
  readonly url: string;
  readonly branch: string;
  readonly sha: string;
  readonly labels: readonly string[];
}

/** Open pull requests of a repository, before the filters of the generator. */
export interface PullRequestsRequest {
  readonly kind: 'pullRequests';
  readonly namespace: string;
  /** Without `values`, `template`, `filters` and `requeueAfterSeconds`. */
  readonly generator: PullRequestGenerator;
}
export interface PullRequestsAnswer {
  readonly pullRequests: readonly PullRequestFact[];
}
export interface PullRequestFact {
  readonly number: number;
  readonly title: string;
  readonly branch: string;
  readonly targetBranch: string;
  readonly headSha: string;
  readonly author: string;
  readonly labels: readonly string[];
}

/** The decisions that the resources of another controller hold. */
export interface DecisionsRequest {
  readonly kind: 'decisions';
  readonly namespace: string;
  readonly generator: Pick<ClusterDecisionResourceGenerator, 'configMapRef' | 'name' | 'labelSelector'>;
}
export interface DecisionsAnswer {
  /** The key of an entry that holds the name of a cluster (`matchKey` of the ConfigMap). */
  readonly matchKey: string;
  /** In the order of the resources by name, then of their lists. */
  readonly entries: readonly JsonObject[];
  /** The registered spokes that entries name. */
  readonly clusters: readonly ClusterView[];
}

/** What a plugin answers for these parameters. */
export interface PluginRequest {
  readonly kind: 'plugin';
  readonly namespace: string;
  readonly set: string;
  readonly configMap: string;
  readonly parameters: JsonObject;
}
export interface PluginAnswer {
  readonly parameters: readonly JsonObject[];
}

/** Which of these destinations and projects exist. */
export interface RegisteredRequest {
  readonly kind: 'registered';
  readonly names: readonly string[];
  /** Without trailing slashes. */
  readonly servers: readonly string[];
  readonly projects: readonly string[];
}
export interface RegisteredAnswer {
  readonly names: readonly string[];
  readonly servers: readonly string[];
  readonly projects: readonly string[];
}

/** Requests and their answers, by kind. */
export interface FactKinds {
  readonly clusters: { readonly request: ClustersRequest; readonly answer: ClustersAnswer };
  readonly directories: { readonly request: DirectoriesRequest; readonly answer: DirectoriesAnswer };
  readonly files: { readonly request: FilesRequest; readonly answer: FilesAnswer };
  readonly repositories: { readonly request: RepositoriesRequest; readonly answer: RepositoriesAnswer };
  readonly pullRequests: { readonly request: PullRequestsRequest; readonly answer: PullRequestsAnswer };
  readonly decisions: { readonly request: DecisionsRequest; readonly answer: DecisionsAnswer };
  readonly plugin: { readonly request: PluginRequest; readonly answer: PluginAnswer };
  readonly registered: { readonly request: RegisteredRequest; readonly answer: RegisteredAnswer };
}
export type FactKind = keyof FactKinds;
export type FactRequest = FactKinds[FactKind]['request'];
export type FactAnswer = FactKinds[FactKind]['answer'];

/** Answers by {@link factKey} of their requests. */
export type Facts = ReadonlyMap<string, FactAnswer>;

/** The identity of a request: equal requests are asked once. */
export function factKey(request: FactRequest): string {
  return canonicalJson(request as FactRequest & JsonObject);
}

/** Reads answers, and remembers what was asked for and is not there. */
export class FactReader {
  readonly #missing = new Map<string, FactRequest>();
  readonly #found = new Map<string, FactAnswer>();
  #misses = 0;

  constructor(private readonly facts: Facts) {}

  /** The answer; `undefined` where it is not among the facts yet. The generator then produces nothing, and the expansion is not complete. */
  read<K extends FactKind>(
    request: FactKinds[K]['request'] & { readonly kind: K },
  ): FactKinds[K]['answer'] | undefined {
    const key = factKey(request);
    const answer = this.facts.get(key);
    if (answer === undefined) {
      this.#missing.set(key, request);
      this.#misses += 1;
    } else this.#found.set(key, answer);
    // The key names the kind, so the answer is one of that kind.
    return answer;
  }

  get missing(): readonly FactRequest[] {
    return [...this.#missing.values()];
  }

  /** What was asked for and is there. */
  get found(): Facts {
    return this.#found;
  }

  /** How often an answer was not there. Where it grows while a generator runs, that generator is not complete. */
  get misses(): number {
    return this.#misses;
  }
}
