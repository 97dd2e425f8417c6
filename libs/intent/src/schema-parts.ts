// Building blocks of the schemas: closed objects whose null members are absent ones, as Kubernetes decodes them, and messages that say what to do.
import { isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { z } from 'zod';

/** Members that may be null or undefined become optional ones without either. */
type Compact<T> = { [K in keyof T as null extends T[K] ? never : undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as null extends T[K] ? K : undefined extends T[K] ? K : never]?: NonNullable<T[K]>;
};

function compact<T extends object>(value: T): Compact<T>;
function compact(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null && member !== undefined));
}

/** A closed object: unknown keys are issues, null members are dropped. */
export function closed<S extends z.core.$ZodShape>(shape: S) {
  return z.strictObject(shape, { error: typeMessage('a map') }).transform((value) => compact(value));
}

/** Names what is there and what must be there. A missing member says so. */
export function typeMessage(
  wanted: string,
): (issue: { readonly input?: unknown; readonly code?: string }) => string | undefined {
  return ({ input, code }) => {
    if (code !== undefined && code !== 'invalid_type' && code !== 'invalid_value' && code !== 'custom')
      return undefined;
    if (input === undefined || input === null) return `is missing: it must be ${wanted}`;
    const quote =
      wanted.startsWith('a text') && (typeof input === 'number' || typeof input === 'boolean')
        ? '; put it in quotes'
        : '';
    return `must be ${wanted}, not ${kindOf(input)}${quote}`;
  };
}

/** What a value is, in the words of the messages. Never the value itself. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'this text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return 'a map';
  }
}

export const text = z.string({ error: typeMessage('a text') });
export const filledText = text.min(1, 'is empty: it must be a text');
export const flag = z.boolean({ error: typeMessage('true or false') });
export const wholeNumber = z.int({ error: typeMessage('a whole number') });
export const texts = listOf(text);
export const textMap = z.record(z.string(), text, { error: typeMessage('a map of texts') });
/** JSON that is kept as it is. */
export const jsonObject = z.custom<JsonObject>(isJsonObject, { error: typeMessage('a map') });
export const jsonValue = z.custom<JsonValue>(() => true);

export function listOf<T extends z.ZodType>(item: T) {
  return z.array(item, { error: typeMessage('a list') });
}

export const labelSelector = closed({
  matchLabels: textMap.nullish(),
  matchExpressions: listOf(
    closed({
      key: filledText,
      operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist'], {
        error: typeMessage('one of In, NotIn, Exists, DoesNotExist'),
      }),
      values: texts.nullish(),
    }),
  ).nullish(),
});
