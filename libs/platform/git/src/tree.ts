// What `git ls-tree -z -l` prints in, entries out: which of them are files that may be read, and why the others are not.
import { AppError } from '@wheelwright/kernel';

/** One regular file. */
export interface TreeFile {
  /** Relative to the tree that was asked for. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** An entry that is never read or followed. */
export interface SkippedEntry {
  readonly path: string;
  readonly reason: 'symbolic link' | 'submodule' | 'name is not UTF-8';
}

export interface TreeContent {
  readonly files: readonly TreeFile[];
  readonly skipped: readonly SkippedEntry[];
}

export interface ReadTreeOptions {
  readonly recurse: boolean;
  /** More files than this are refused (only accepted ones count). */
  readonly maxFiles: number;
  /** More bytes than this, all accepted files together, are refused. Checked before anything is read. */
  readonly maxBytes: number;
  /** Which files to read. Default: all. */
  readonly accept?: (path: string) => boolean;
}

export interface FileEntry {
  readonly path: string;
  readonly oid: string;
  readonly bytes: number;
}

export interface TreeListing {
  readonly files: readonly FileEntry[];
  readonly directories: readonly string[];
  readonly skipped: readonly SkippedEntry[];
}

const ENTRY = /^(\d{6}) (\w+) ([0-9a-f]+) +(\d+|-)$/;

/** Reads a listing. Throws SourceFailed where Git printed something else. */
export function parseListing(output: Buffer): TreeListing {
  const files: FileEntry[] = [];
  const directories: string[] = [];
  const skipped: SkippedEntry[] = [];
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let start = 0; start < output.length;) {
    const end = output.indexOf(0, start);
    const record = output.subarray(start, end < 0 ? output.length : end);
    start += record.length + 1;
    const tab = record.indexOf(0x09);
    const entry = ENTRY.exec(record.toString('latin1', 0, tab));
    if (entry === null) throw new AppError('SourceFailed', 'git ls-tree printed something that is not an entry');
    const [, mode = '', type, oid = '', size] = entry;
    const path = decode(decoder, record.subarray(tab + 1));
    if (path === undefined) skipped.push({ path: record.toString('latin1', tab + 1), reason: 'name is not UTF-8' });
    else if (type === 'tree') directories.push(path);
    else if (type === 'commit') skipped.push({ path, reason: 'submodule' });
    else if (mode === '120000') skipped.push({ path, reason: 'symbolic link' });
    else files.push({ path, oid, bytes: Number(size) });
  }
  return { files, directories, skipped };
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    // Not UTF-8: the caller lists it as skipped.
    return undefined;
  }
}

/** The files to read. Throws SourceFailed where they are too many or too large. */
export function selectFiles(listing: TreeListing, options: ReadTreeOptions): readonly FileEntry[] {
  const files = listing.files.filter((file) => options.accept?.(file.path) ?? true);
  if (files.length > options.maxFiles) {
    throw new AppError(
      'SourceFailed',
      `The path holds ${String(files.length)} files; at most ${String(options.maxFiles)} are read`,
    );
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > options.maxBytes) {
    throw new AppError(
      'SourceFailed',
      `The path holds ${String(bytes)} bytes; at most ${String(options.maxBytes)} are read`,
    );
  }
  return files;
}
