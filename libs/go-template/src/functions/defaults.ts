// Sprig's functions on values that may be empty, on types, and the one that stops.
import { asText, fn, type FunctionTable } from '../functions.js';
import { GoCallError, kindName, typeName } from '../values.js';
import { deepEqual } from './deep-equal.js';
import { isEmpty } from './empty.js';

export const DEFAULTS: FunctionTable = {
  default: fn('any any...', ([fallback, ...given]) => (given.length === 0 || isEmpty(given[0]) ? fallback : given[0])),
  empty: fn('any', ([value]) => isEmpty(value)),
  coalesce: fn('any...', (values) => values.find((value) => !isEmpty(value)) ?? null),
  all: fn('any...', (values) => !values.some(isEmpty)),
  any: fn('any...', (values) => values.some((value) => !isEmpty(value))),
  ternary: fn('any any bool', ([yes, no, truth]) => (truth === true ? yes : no)),
  fail: fn('string', ([message]) => {
    throw new GoCallError(asText(message));
  }),
  typeOf: fn('any', ([value]) => typeName(value)),
  typeIs: fn('string any', ([type, value]) => type === typeName(value)),
  typeIsLike: fn('string any', ([type, value]) => type === typeName(value) || `*${asText(type)}` === typeName(value)),
  kindOf: fn('any', ([value]) => kindName(value)),
  kindIs: fn('string any', ([kind, value]) => kind === kindName(value)),
  deepEqual: fn('any any', ([a, b], { budget }) => deepEqual(a, b, budget)),
};
