// Names the tree that a git generator reads.

/** Key of {@link ExpandFacts.trees} for an address and a revision as the set writes them; no revision means `HEAD`. */
export function repoTreeKey(repoURL: string, revision: string): string {
  return `${repoURL}#${revision === '' ? 'HEAD' : revision}`;
}
