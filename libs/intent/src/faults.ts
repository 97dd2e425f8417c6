// Where in a text something is wrong, and what to do about it.
import type { Fault } from '@wheelwright/kernel';

/** A path into a document: keys of maps, indices of lists. */
export type Path = readonly (string | number)[];

/** A place in the text that was applied: document from 1, line of the text from 1, JSON pointer within the document. */
export interface Place {
  readonly document: number;
  readonly line: number;
  readonly pointer: string;
}

/** Something that does not stop the apply, such as a field that nothing reads. */
export interface DocumentWarning extends Place {
  readonly message: string;
}

/** Something that stops it. */
export interface DocumentFault extends Fault, Place {
  readonly line: number;
  readonly code: 'InvalidDocument' | 'UnsupportedKind';
}

/** RFC 6901 form of a path. The root is the empty text. */
export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Reverses {@link pointerOf}; indices of lists stay texts. */
export function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
