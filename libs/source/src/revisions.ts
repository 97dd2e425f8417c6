// The refs of a repository and a revision as users write it in, the commit that it names out.

const FULL_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const SHORT_ID = /^[0-9a-f]{7,39}$/;

/** Whether a revision is a full commit id: it names itself, wherever it lies in the history. */
export function isCommitId(revision: string): boolean {
  return FULL_ID.test(revision);
}

/**
 * The commit of a revision; undefined where nothing has that name.
 * @param refs names of refs and their objects; `refs/tags/x^{}` is the commit of an annotated tag
 * @param revision empty or `HEAD`, a branch, a tag, a full name (`refs/…`), or a commit. A branch goes before a tag of the same name, as in
 * Argo CD. A shortened commit id counts only where it is the start of exactly one commit that a ref names.
 */
export function resolveRevision(refs: ReadonlyMap<string, string>, revision: string): string | undefined {
  if (revision === '' || revision === 'HEAD') return refs.get('HEAD');
  // The listing writes peeled tags so; users do not.
  if (revision.includes('^')) return undefined;
  for (const name of [
    `refs/heads/${revision}`,
    `refs/tags/${revision}`,
    revision.startsWith('refs/') ? revision : '',
  ]) {
    const found = refs.get(`${name}^{}`) ?? refs.get(name);
    if (found !== undefined) return found;
  }
  if (isCommitId(revision)) return revision;
  return SHORT_ID.test(revision) ? startingWith(refs, revision) : undefined;
}

function startingWith(refs: ReadonlyMap<string, string>, start: string): string | undefined {
  const found = new Set<string>();
  for (const [name, oid] of refs) {
    // The object of an annotated tag is not a commit; what it points at stands beside it.
    if (oid.startsWith(start) && !refs.has(`${name}^{}`)) found.add(oid);
  }
  const [only, ...others] = found;
  return others.length === 0 ? only : undefined;
}
