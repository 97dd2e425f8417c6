// Paths with slashes, as Go's package path takes them apart. The functions of the operating system's paths are the same here.
import { asText, fn, type FunctionTable, type GoFunction } from '../functions.js';

function both(name: string, made: GoFunction): FunctionTable {
  return { [name]: made, [`os${name.charAt(0).toUpperCase()}${name.slice(1)}`]: made };
}

export const PATHS: FunctionTable = {
  ...both(
    'base',
    fn('string', ([path]) => base(asText(path))),
  ),
  ...both(
    'dir',
    fn('string', ([path]) => clean(asText(path).slice(0, asText(path).lastIndexOf('/') + 1))),
  ),
  ...both(
    'clean',
    fn('string', ([path]) => clean(asText(path))),
  ),
  ...both(
    'ext',
    fn('string', ([path]) => /\.[^./]*$/.exec(asText(path))?.[0] ?? ''),
  ),
  ...both(
    'isAbs',
    fn('string', ([path]) => asText(path).startsWith('/')),
  ),
};

function base(path: string): string {
  if (path === '') return '.';
  let end = path.length;
  while (end > 0 && path.charAt(end - 1) === '/') end -= 1;
  return end === 0 ? '/' : path.slice(path.lastIndexOf('/', end - 1) + 1, end);
}

/** The shortest path that means the same, by its text alone. */
function clean(path: string): string {
  const rooted = path.startsWith('/');
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!rooted) kept.push('..');
  }
  const joined = (rooted ? '/' : '') + kept.join('/');
  return joined === '' ? '.' : joined;
}
