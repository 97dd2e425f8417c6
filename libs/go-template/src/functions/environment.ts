// The clock and the dice: functions that need them are refused where the caller gave none.
import { runes } from '../utf8.js';
import { asInt, asText, fn, type CallContext, type FunctionTable, type GoTemplateEnvironment } from '../functions.js';
import { GoCallError, int } from '../values.js';
import { encodeBase64 } from './encoding.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';
const PRINTABLE = Array.from({ length: 95 }, (_none, index) => String.fromCharCode(32 + index)).join('');

export const RANDOM: FunctionTable = {
  randAlphaNum: fn('int', ([count], context) =>
    randomText('randAlphaNum', { count: asInt(count), chars: LETTERS + DIGITS }, context),
  ),
  randAlpha: fn('int', ([count], context) => randomText('randAlpha', { count: asInt(count), chars: LETTERS }, context)),
  randNumeric: fn('int', ([count], context) =>
    randomText('randNumeric', { count: asInt(count), chars: DIGITS }, context),
  ),
  randAscii: fn('int', ([count], context) =>
    randomText('randAscii', { count: asInt(count), chars: PRINTABLE }, context),
  ),
  randInt: fn('int int', ([low, high], context) => randomInt(asInt(low), asInt(high), context)),
  randBytes: fn('int', ([count], context) => randomBytes(asInt(count), context)),
  shuffle: fn('string', ([text], context) => shuffle(asText(text), context)),
  uuidv4: fn('', (_args, context) => uuid(context)),
};

/** The environment, or an error that says why there is none. */
export function environmentOf(name: string, { environment }: CallContext): GoTemplateEnvironment {
  if (environment !== undefined) return environment;
  throw new GoCallError(
    `${name} is not available here: its result would differ each time that the template is executed`,
  );
}

interface RandomText {
  readonly count: number;
  readonly chars: string;
}

function randomText(name: string, { count, chars }: RandomText, context: CallContext): string {
  const { random } = environmentOf(name, context);
  if (count < 0) return '';
  context.budget.text(count);
  context.budget.work(count);
  return Array.from({ length: count }, () => chars.charAt(Math.floor(random() * chars.length))).join('');
}

function randomInt(low: number, high: number, context: CallContext): ReturnType<typeof int> {
  const { random } = environmentOf('randInt', context);
  if (high <= low) throw new GoCallError('invalid argument to Intn');
  return int(low + Math.floor(random() * (high - low)));
}

function randomBytes(count: number, context: CallContext): string {
  const { random } = environmentOf('randBytes', context);
  if (count < 0) throw new GoCallError('runtime error: makeslice: len out of range');
  context.budget.text(count * 2);
  context.budget.work(count);
  return encodeBase64(Uint8Array.from({ length: count }, () => Math.floor(random() * 256)));
}

function shuffle(text: string, context: CallContext): string {
  const { random } = environmentOf('shuffle', context);
  const chars = runes(text);
  for (let i = chars.length - 1; i > 0; i -= 1) {
    const other = Math.floor(random() * (i + 1));
    [chars[i], chars[other]] = [chars[other] ?? '', chars[i] ?? ''];
  }
  return chars.join('');
}

function uuid(context: CallContext): string {
  const { random } = environmentOf('uuidv4', context);
  const pattern = 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx';
  return pattern.replace(/[xy]/g, (char) =>
    (char === 'x' ? Math.floor(random() * 16) : 8 + Math.floor(random() * 4)).toString(16),
  );
}
