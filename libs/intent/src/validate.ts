// A JSON value and a closed schema in; the typed value and the unknown fields, or what is wrong with it, out.
import type { JsonValue } from '@wheelwright/kernel';
import type { z } from 'zod';
import type { Path } from './faults.js';

export interface Remark {
  readonly path: Path;
  readonly message: string;
}

type RemarksOf = (input: JsonValue) => readonly Remark[];

const remarksOfSchemas = new WeakMap<object, RemarksOf>();

/** Lets a schema say something of values that it takes, such as that nothing acts on a part of them. Answers the schema. */
export function withRemarks<S extends object>(schema: S, remarksOf: RemarksOf): S {
  remarksOfSchemas.set(schema, remarksOf);
  return schema;
}

export interface Validated<T> {
  /** Absent where there are faults. */
  readonly value?: T;
  /** Unknown fields, which were left out, and what the schema has to say of known ones. */
  readonly unknown: readonly Remark[];
  readonly faults: readonly Remark[];
}

/** Fields that users' files hold and that a later version acts on. */
const NOT_YET: ReadonlySet<string> = new Set(['sourceHydrator', 'tagPrefix']);

/** Rounds of finding unknown fields: a schema behind a transform is looked at only after the one around it passed. */
const MAX_ROUNDS = 8;

/** Unknown fields are left out and reported; everything else that the schema refuses is a fault. */
export function validate<T>(schema: z.ZodType<T>, input: JsonValue): Validated<T> {
  const unknown: Remark[] = [...(remarksOfSchemas.get(schema)?.(input) ?? [])];
  let value = input;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = schema.safeParse(value);
    if (result.success) return { value: result.data, unknown, faults: [] };
    const found = result.error.issues.flatMap(unknownFields);
    const faults = result.error.issues.filter((issue) => issue.code !== 'unrecognized_keys').map(remarkOf);
    unknown.push(...found.map((path) => ({ path, message: unknownMessage(path) })));
    if (found.length === 0) return { unknown, faults };
    for (const path of found) value = without(value, path);
  }
  return { unknown, faults: [{ path: [], message: 'holds too many unknown fields' }] };
}

function remarkOf(issue: z.core.$ZodIssue): Remark {
  return { path: pathOf(issue), message: issue.message };
}

function unknownFields(issue: z.core.$ZodIssue): Path[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...pathOf(issue), key]) : [];
}

function pathOf(issue: z.core.$ZodIssue): Path {
  return issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
}

function unknownMessage(path: Path): string {
  const field = String(path.at(-1));
  return NOT_YET.has(field)
    ? `the field "${field}" is known, but nothing acts on it yet: it was left out`
    : `the field "${field}" is unknown: it was left out; check its spelling and its indentation`;
}

/** A copy of a value without the member at a path; only what lies on the path is copied. */
function without(value: JsonValue | undefined, path: Path): JsonValue {
  const [head, ...rest] = path;
  if (value === undefined || value === null || typeof value !== 'object' || head === undefined) return value ?? null;
  if (isList(value)) return value.map((item, index) => (index === head ? without(item, rest) : item));
  const { [head]: member, ...others } = value;
  return rest.length === 0 ? others : { ...others, [head]: without(member, rest) };
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
