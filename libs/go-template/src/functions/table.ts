// All functions by name: those of text/template, those of Sprig over them, and ApplicationSet's own last.
import type { FunctionTable, GoFunction } from '../functions.js';
import { BUILTINS } from './builtins.js';

const FAMILIES: readonly FunctionTable[] = [BUILTINS];

/** Every function that a template may call. */
export const FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map(FAMILIES.flatMap((family) => Object.entries(family)));
