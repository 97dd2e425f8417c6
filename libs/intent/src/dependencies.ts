// A set in, what its expansion reads out: the reverse index that says which sets a change concerns.
import type { ApplicationSet } from './types.js';

/** What must be asked again before the result of an expansion can change. */
export interface SetDependencies {
  /** Whether the registered spokes, with their labels and annotations, are an input. */
  readonly clusters: boolean;
  /** Repositories and revisions whose directories are read, as the set writes them, each once and in order. */
  readonly repositories: readonly { readonly repoURL: string; readonly revision: string }[];
}

/** Reads the dependencies off the generators; an absent revision is `HEAD`. */
export function dependenciesOf(set: ApplicationSet): SetDependencies {
  const repositories = new Map<string, { readonly repoURL: string; readonly revision: string }>();
  for (const { git } of set.spec.generators) {
    if (git === undefined) continue;
    const revision = git.revision === '' ? 'HEAD' : git.revision;
    repositories.set(`${git.repoURL}#${revision}`, { repoURL: git.repoURL, revision });
  }
  return {
    clusters: set.spec.generators.some((generator) => generator.clusters !== undefined),
    repositories: [...repositories.keys()].sort().flatMap((key) => repositories.get(key) ?? []),
  };
}
