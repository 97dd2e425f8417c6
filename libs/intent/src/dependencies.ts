// A set in, what its expansion reads out: the reverse index that says which sets a change concerns.
import { canonicalJson, selectorTerms, type JsonObject, type LabelSelector } from '@wheelwright/kernel';
import { inputRefsOf, inputSubject } from './input-refs.js';
import type { ApplicationSet, GitGenerator, PullRequestGenerator, ScmProviderGenerator } from './types.js';
import { walkGenerators } from './walk-generators.js';

/** A label, or a pair, that a spoke must have for the set to read it. */
export interface ClusterDependency {
  /** As `selectorTerms` of the kernel makes it; empty: any spoke. */
  readonly term: string;
  /** The whole selector as canonical JSON, for the precise check; empty: every spoke concerns the set. */
  readonly selector: string;
}

/** What is read of a revision. */
export interface RepositoryDependency {
  readonly repoURL: string;
  readonly revision: string;
  /** `directories:<glob>` or `files:<glob>`, as the set writes it; without a glob: any path. */
  readonly pattern: string;
  /** JSON pointer of the generator's `repoURL`. */
  readonly pointer: string;
}

/** What must be asked again before the result of an expansion can change. Everything once, sorted. */
export interface SetDependencies {
  readonly clusters: readonly ClusterDependency[];
  /** Without those whose address or revision another generator fills in: they are known when they were read. */
  readonly repositories: readonly RepositoryDependency[];
  /** Subjects of {@link pullRequestSubject} and {@link organisationSubject}. */
  readonly pullRequests: readonly string[];
  /** Subjects of `inputSubject`: ConfigMaps and Secrets that generators name. */
  readonly inputs: readonly string[];
}

const SECRET_TYPE_LABEL = 'argocd.argoproj.io/secret-type';

/** Text that a generator before this one fills in. */
const isOpen = (text: string): boolean => text.includes('{{');

/** Reads the dependencies off all generators, nested ones too; an absent revision is `HEAD`. */
export function dependenciesOf(set: ApplicationSet): SetDependencies {
  const clusters: ClusterDependency[] = [];
  const repositories: RepositoryDependency[] = [];
  const pullRequests: string[] = [];
  const inputs: string[] = [];
  for (const { element, pointer, isInterpolated } of walkGenerators(set)) {
    const { git, pullRequest, scmProvider } = element;
    if (element.clusters !== undefined) clusters.push(...clusterTerms(element.clusters.selector ?? {}, isInterpolated));
    if (git !== undefined && !(isInterpolated && (isOpen(git.repoURL) || isOpen(git.revision))))
      repositories.push(...patternsOf(git, `${pointer}/git/repoURL`));
    if (pullRequest !== undefined) pullRequests.push(pullRequestSubject(pullRequest));
    if (scmProvider !== undefined) pullRequests.push(organisationSubject(scmProvider));
    inputs.push(...inputRefsOf(element).map((ref) => inputSubject(ref, set.metadata.namespace)));
  }
  return {
    clusters: once(clusters, ({ term, selector }) => `${term} ${selector}`),
    repositories: once(repositories, (each) => `${each.repoURL}#${each.revision}#${each.pattern}`),
    pullRequests: once(
      pullRequests.filter((subject) => subject !== '' && !isOpen(subject)),
      (subject) => subject,
    ),
    inputs: once(inputs, (subject) => subject),
  };
}

function clusterTerms(selector: LabelSelector, isInterpolated: boolean): readonly ClusterDependency[] {
  const text = canonicalJson(selector as LabelSelector & JsonObject);
  if (isInterpolated && isOpen(text)) return [{ term: '', selector: '' }];
  return selectorTerms(withoutSecretType(selector)).map((term) => ({ term, selector: text }));
}

/** Every spoke has the label that makes a Secret a cluster in Argo CD: to keep a selector under it would keep it under everything. */
function withoutSecretType(selector: LabelSelector): LabelSelector {
  const matchLabels = Object.entries(selector.matchLabels ?? {}).filter(
    ([key, value]) => key !== SECRET_TYPE_LABEL || value !== 'cluster',
  );
  const matchExpressions = (selector.matchExpressions ?? []).filter(({ key }) => key !== SECRET_TYPE_LABEL);
  return { matchLabels: Object.fromEntries(matchLabels), matchExpressions };
}

function patternsOf(git: GitGenerator, pointer: string): readonly RepositoryDependency[] {
  const revision = git.revision === '' ? 'HEAD' : git.revision;
  const wanted = [
    ...(git.directories ?? []).map((each) => ({ ...each, kind: 'directories' })),
    ...(git.files ?? []).map((each) => ({ ...each, kind: 'files' })),
  ];
  const patterns = wanted
    .filter(({ exclude }) => exclude !== true)
    .map(({ kind, path }) => `${kind}:${isOpen(path) ? '' : path}`);
  // A generator that chooses nothing still follows its revision.
  return (patterns.length === 0 ? ['directories:'] : patterns).map((pattern) => ({
    repoURL: git.repoURL,
    revision,
    pattern,
    pointer,
  }));
}

/** `owner/repository` in lower-case, whoever hosts it; empty where no provider is given. GitLab: the project as the set names it. */
export function pullRequestSubject(generator: PullRequestGenerator): string {
  const { github, gitlab, gitea, bitbucket, bitbucketServer, azuredevops } = generator;
  const owned = github ?? gitea ?? bitbucket;
  if (owned !== undefined) return `${owned.owner}/${owned.repo}`.toLowerCase();
  const inProject = bitbucketServer ?? azuredevops;
  if (inProject !== undefined) return `${inProject.project}/${inProject.repo}`.toLowerCase();
  return (gitlab?.project ?? '').toLowerCase();
}

/** `owner/*` in lower-case: any repository of it; empty where no provider is given. */
export function organisationSubject(generator: ScmProviderGenerator): string {
  const { github, gitlab, gitea, bitbucket, bitbucketServer, azureDevOps } = generator;
  const owner =
    github?.organization ??
    gitlab?.group ??
    gitea?.owner ??
    bitbucket?.owner ??
    bitbucketServer?.project ??
    azureDevOps?.teamProject;
  return owner === undefined ? '' : `${owner}/*`.toLowerCase();
}

function once<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const byKey = new Map(items.map((item) => [keyOf(item), item]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}
