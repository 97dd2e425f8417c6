// A set in, every generator of it out, those inside of matrix and merge too.
import type { ApplicationSet, Generator } from './types.js';

/** One element of a list of generators, and where it stands. */
export interface PlacedGenerator {
  readonly element: Generator;
  /** JSON pointer, such as `/spec/generators/0/matrix/generators/1`. */
  readonly pointer: string;
  /** Whether its texts may hold parameters of the generator before it: the second of a matrix, and everything inside of that. */
  readonly isInterpolated: boolean;
}

/** All elements, parents before their children, in the order of the document. */
export function walkGenerators(set: ApplicationSet): readonly PlacedGenerator[] {
  return walk(set.spec.generators, '/spec/generators', () => false);
}

function walk(
  elements: readonly Generator[],
  pointer: string,
  isInterpolated: (index: number) => boolean,
): readonly PlacedGenerator[] {
  return elements.flatMap((element, index) => {
    const at = `${pointer}/${String(index)}`;
    const inherited = isInterpolated(index);
    const inMatrix = element.matrix?.generators ?? [];
    const inMerge = element.merge?.generators ?? [];
    return [
      { element, pointer: at, isInterpolated: inherited },
      ...walk(inMatrix, `${at}/matrix/generators`, (child) => inherited || child > 0),
      ...walk(inMerge, `${at}/merge/generators`, () => inherited),
    ];
  });
}
