// The files that a generator reads of a commit: which there are, which it wants, and their texts. Everything bounded.
import { AppError } from '@wheelwright/kernel';
import type { GitMirrors } from '@wheelwright/platform-git';

/** All paths of a revision in, those to read out. */
export type ChooseFiles = (paths: readonly string[]) => readonly string[];

/** Files of a commit as text. */
export interface RevisionFiles {
  readonly commit: string;
  /** Sorted by path. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

export const GENERATOR_FILE_LIMITS = { files: 10_000, bytesEach: 1_048_576, bytes: 64 * 1_048_576 } as const;

/** Lists the commit, chooses, checks the bounds before it reads, and reads. Throws SourceFailed. */
export async function readChosen(
  mirrors: GitMirrors,
  { url, commit }: { readonly url: string; readonly commit: string },
  choose: ChooseFiles,
): Promise<RevisionFiles['files']> {
  const entries = await mirrors.files(url, commit);
  const chosen = new Set(choose(entries.map(({ path }) => path)));
  const wanted = entries.filter(({ path }) => chosen.has(path));
  refuseTooMuch(url, wanted);
  const contents = await mirrors.blobs(url, commit, wanted);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return wanted
    .map(({ path }, index) => ({ path, content: textOf(decoder, { url, path }, contents[index]) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function refuseTooMuch(url: string, wanted: readonly { readonly path: string; readonly bytes: number }[]): void {
  const { files, bytesEach, bytes } = GENERATOR_FILE_LIMITS;
  const refuse = (what: string): AppError =>
    new AppError('SourceFailed', `${url}: ${what}; make the patterns of the git generator narrower`);
  if (wanted.length > files)
    throw refuse(`the patterns choose ${String(wanted.length)} files, at most ${String(files)} are read`);
  const large = wanted.find((file) => file.bytes > bytesEach);
  if (large !== undefined)
    throw refuse(`${large.path} has ${String(large.bytes)} bytes, at most ${String(bytesEach)} are read of one file`);
  const sum = wanted.reduce((total, file) => total + file.bytes, 0);
  if (sum > bytes)
    throw refuse(`the files chosen have ${String(sum)} bytes together, at most ${String(bytes)} are read`);
}

function textOf(
  decoder: InstanceType<typeof TextDecoder>,
  { url, path }: { readonly url: string; readonly path: string },
  content: Uint8Array | undefined,
): string {
  try {
    return decoder.decode(content);
  } catch (cause) {
    throw new AppError('SourceFailed', `${url}: ${path} is not UTF-8 text, so no generator can read it`, { cause });
  }
}
