// The functions that ApplicationSet adds to Go's and Sprig's.
import { asInt, asText, fn, type CallContext, type FunctionTable } from '../functions.js';
import { normalizeName, slugify } from '../names.js';
import { GoCallError, GoInt, isDict, isList, newDict, typeName, type GoValue } from '../values.js';
import { emitYaml } from '../yaml/emit.js';
import { parseYaml } from '../yaml/parse.js';

export const APPLICATION_SET: FunctionTable = {
  normalize: fn('string', ([name]) => normalizeName(asText(name))),
  slugify: fn('any...', (args) => slug(args)),
  toYaml: fn('any', ([value], { budget }) => emitYaml(value, budget).replace(/\n$/, '')),
  fromYaml: fn('string', ([text], context) => fromYaml(asText(text), context)),
  fromYamlArray: fn('string', ([text], context) => fromYamlArray(asText(text), context)),
};

/** `slugify [greatest length] [cut between words] name`. */
function slug(args: readonly GoValue[]): string {
  const [maxLength, smart] = args.slice(0, -1);
  const name = args.at(-1);
  if (args.length === 0) return '';
  if (typeof name !== 'string') throw wrongType(name, 'string');
  if (args.length > 1 && !(maxLength instanceof GoInt && maxLength.type === 'int')) throw wrongType(maxLength, 'int');
  if (args.length > 2 && typeof smart !== 'boolean') throw wrongType(smart, 'bool');
  return slugify(name, {
    ...(args.length > 1 ? { maxLength: asInt(maxLength) } : {}),
    ...(typeof smart === 'boolean' ? { smart } : {}),
  });
}

function wrongType(value: GoValue, wanted: string): GoCallError {
  const got = value === null || value === undefined ? 'nil' : typeName(value);
  return new GoCallError(`interface conversion: interface {} is ${got}, not ${wanted}`);
}

function fromYaml(text: string, context: CallContext): GoValue {
  const value = parseYaml(text, context.budget);
  if (value === null || value === undefined) return newDict();
  if (isDict(value)) return value;
  throw new GoCallError(unmarshalError(value, 'map[string]interface {}'));
}

function fromYamlArray(text: string, context: CallContext): GoValue {
  const value = parseYaml(text, context.budget);
  if (value === null || value === undefined) return [];
  if (isList(value)) return value;
  throw new GoCallError(unmarshalError(value, '[]interface {}'));
}

function unmarshalError(value: GoValue, type: string): string {
  const found = isDict(value) ? 'object' : isList(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${found} into Go value of type ${type}`;
}
