import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** Absolute path of a file inside the checkout. */
export const inRoot = (...parts: readonly string[]): string =>
  join(fileURLToPath(new URL('../../../../', import.meta.url)), ...parts);
