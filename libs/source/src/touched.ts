// A pattern of a git generator and the files that a commit changed in; whether the generator may read something else now out.

/** A file that a commit changed. */
export interface ChangedFile {
  readonly path: string;
  readonly change: 'added' | 'deleted' | 'modified';
}

/** Characters with which the rest of a pattern no longer stands for itself, in every dialect of globs that generators know. */
const SPECIAL = /[*?[\]{}\\!]/;

/** What a commit changed, ready to be compared with many patterns. */
export interface Changes {
  /** Sorted. */
  readonly files: readonly string[];
  /** Directories above files that came or went: only these can have come or gone themselves. Sorted. */
  readonly directories: readonly string[];
}

/** Prepares the changes of one commit. */
export function changesOf(files: readonly ChangedFile[]): Changes {
  const directories = new Set<string>();
  for (const { path, change } of files) {
    if (change === 'modified') continue;
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const directory = path.slice(0, end);
      if (directories.has(directory)) break;
      directories.add(directory);
    }
  }
  return { files: files.map(({ path }) => path).sort(), directories: [...directories].sort() };
}

/**
 * Whether a pattern of the reverse index may match something that changed: a text around the first and the last special character of the glob is
 * compared, so it says yes too often rather than too seldom.
 * @param pattern `directories:<glob>` or `files:<glob>`; anything else, and an empty glob, means any path
 */
export function mayTouch(pattern: string, { files, directories }: Changes): boolean {
  const [, kind, glob = ''] = /^(directories|files):(.*)$/s.exec(pattern) ?? [];
  if (kind === undefined) return files.length > 0;
  const candidates = kind === 'directories' ? directories : files;
  const plain = glob.replace(/^(?:\.?\/)+/, '');
  if (plain === '') return candidates.length > 0;
  const first = plain.search(SPECIAL);
  if (first < 0) return candidates.some((path) => path === plain || path.startsWith(`${plain.replace(/\/+$/, '')}/`));
  const start = plain.slice(0, first);
  const end = /[^*?[\]{}\\!]*$/.exec(plain)?.[0] ?? '';
  return candidates.some((path) => path.startsWith(start) && path.endsWith(end));
}
