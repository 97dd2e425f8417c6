// What `git diff-tree -z --name-status` prints in, the files that differ out.
import { AppError } from '@wheelwright/kernel';

/** One file that differs. A link or a submodule counts as a file; a change of its kind as `modified`. */
export interface FileChange {
  readonly path: string;
  readonly change: 'added' | 'deleted' | 'modified';
}

const CHANGES: Readonly<Record<string, FileChange['change']>> = {
  A: 'added',
  D: 'deleted',
  M: 'modified',
  T: 'modified',
};

/** Reads the listing; undefined where it names more than `limit` files. A name that is not UTF-8 is read as Latin-1: no pattern means it. */
export function parseChanges(output: Buffer, limit: number): readonly FileChange[] | undefined {
  const changes: FileChange[] = [];
  for (let start = 0; start < output.length;) {
    const endOfStatus = output.indexOf(0, start);
    const endOfPath = output.indexOf(0, endOfStatus + 1);
    const change = CHANGES[output.toString('latin1', start, endOfStatus)];
    if (endOfStatus < 0 || endOfPath < 0 || change === undefined)
      throw new AppError('SourceFailed', 'git diff-tree printed something that is not a change');
    if (changes.length >= limit) return undefined;
    changes.push({ path: textOf(output.subarray(endOfStatus + 1, endOfPath)), change });
    start = endOfPath + 1;
  }
  return changes;
}

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('�') ? bytes.toString('latin1') : text;
}
