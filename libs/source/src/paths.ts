// A path as users write it in, its one plain spelling out. Nothing that could mean a place outside of the repository passes.
import { AppError } from '@wheelwright/kernel';

const MAX_LENGTH = 1_024;

/**
 * The plain form of a path inside of a repository: no `.`, no empty parts, no final `/`; the root is the empty text.
 * Throws SourceFailed for absolute paths, `..` in any disguise (encoded, Unicode forms, trailing dots or spaces), backslashes, control
 * characters, a leading `-`, drive letters and `.git`.
 */
export function sanitisePath(path: string): string {
  if (path.length > MAX_LENGTH) throw refused(path, `is longer than ${String(MAX_LENGTH)} characters`);
  if (/[\u0000-\u001f\u007f]/.test(path)) throw refused(path, 'holds a control character');
  // Unicode has other dots and slashes that some tools fold to the plain ones.
  const folded = decoded(path.normalize('NFKC'));
  if (/\\/.test(folded)) throw refused(path, 'holds a backslash');
  if (folded.startsWith('/') || /^[a-z]:/i.test(folded))
    throw refused(path, 'must be relative to the root of the repository');
  if (folded.startsWith('-')) throw refused(path, 'begins with "-"');
  for (const part of folded.split('/')) {
    const bare = part.replace(/[. ]+$/, '').toLowerCase();
    if (part.length > 1 && bare === '') throw refused(path, 'leaves the repository with ".."');
    if (part.startsWith('..:') || bare === '.git' || bare === 'git~1')
      throw refused(path, 'names a place that is not content');
  }
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** Undoes %-escapes of dots, slashes, backslashes and dashes, as often as they are nested. */
function decoded(text: string): string {
  const once = text
    .replace(/%2e/gi, '.')
    .replace(/%2f/gi, '/')
    .replace(/%5c/gi, '\\')
    .replace(/%2d/gi, '-')
    .replace(/%25/g, '%');
  return once === text ? text : decoded(once);
}

function refused(path: string, why: string): AppError {
  return new AppError('SourceFailed', `The path ${JSON.stringify(path.slice(0, 100))} ${why}`);
}
