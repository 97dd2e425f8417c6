// All functions by name: those of text/template, those of Sprig over them, and ApplicationSet's own last.
import type { FunctionTable, GoFunction } from '../functions.js';
import { APPLICATION_SET } from './application-set.js';
import { BUILTINS } from './builtins.js';
import { DATES } from './dates.js';
import { DEFAULTS } from './defaults.js';
import { DICTS } from './dicts.js';
import { DIGESTS } from './digests.js';
import { ENCODING } from './encoding.js';
import { RANDOM } from './environment.js';
import { JSON_FUNCTIONS } from './json.js';
import { LISTS } from './lists.js';
import { MATHS } from './maths.js';
import { PATHS } from './paths.js';
import { REFUSED } from './refused.js';
import { REGEXES } from './regexes.js';
import { SEMVER } from './semver.js';
import { STRINGS } from './strings.js';
import { URLS } from './urls.js';

const FAMILIES: readonly FunctionTable[] = [
  BUILTINS,
  STRINGS,
  LISTS,
  DICTS,
  DEFAULTS,
  JSON_FUNCTIONS,
  MATHS,
  DATES,
  ENCODING,
  DIGESTS,
  SEMVER,
  URLS,
  PATHS,
  REGEXES,
  RANDOM,
  REFUSED,
  APPLICATION_SET,
];

/** Every function that a template may call. */
export const FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map(FAMILIES.flatMap((family) => Object.entries(family)));
