// Texts that become operands of Git: object ids and names of refs. Whatever is not plainly one of them is refused.

/** Whether the text is a full object id (SHA-1 or SHA-256). */
export function isObjectId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

const MAX_REVISION = 255;

/**
 * Whether a text is a revision that users may write: `HEAD`, a branch, a tag, a ref or a commit. Follows `git check-ref-format`, and refuses
 * everything that Git reads as an option, a range or an expression (`-x`, `a..b`, `a@{1}`, `a^`, `a:b`).
 */
export function isSafeRevision(text: string): boolean {
  if (text === '' || text.length > MAX_REVISION) return false;
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(text)) return false;
  if (text.includes('..') || text.includes('@{') || text === '@') return false;
  return text.split('/').every((part) => part !== '' && !/^[-.]/.test(part) && !/(?:\.|\.lock)$/.test(part));
}
