// A live object and a path in, the value there if it has the type that is expected out. Live objects are hostile input: nothing is assumed of their shape.
import { isJsonObject, type JsonObject, type JsonValue, type KubeObject } from '@wheelwright/kernel';

/** A condition of `status.conditions`; what is absent reads as empty. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** The value at a path; `undefined` where the path leads nowhere. */
export function valueAt(object: KubeObject | JsonObject, ...path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const name of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

export function numberAt(object: KubeObject | JsonObject, ...path: readonly string[]): number | undefined {
  const value = valueAt(object, ...path);
  return typeof value === 'number' ? value : undefined;
}

export function textAt(object: KubeObject | JsonObject, ...path: readonly string[]): string {
  const value = valueAt(object, ...path);
  return typeof value === 'string' ? value : '';
}

/** The objects of a list; anything else in it is left out. */
export function objectsAt(object: KubeObject | JsonObject, ...path: readonly string[]): readonly JsonObject[] {
  const value = valueAt(object, ...path);
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter((item) => isJsonObject(item)) : [];
}

/** `status.conditions`. */
export function conditionsOf(object: KubeObject): readonly Condition[] {
  return objectsAt(object, 'status', 'conditions').map(asCondition);
}

export function asCondition(condition: JsonObject): Condition {
  return {
    type: textAt(condition, 'type'),
    status: textAt(condition, 'status'),
    reason: textAt(condition, 'reason'),
    message: textAt(condition, 'message'),
  };
}

/** Whether the controller has not yet seen the newest `spec`. */
export function isBehind(object: KubeObject): boolean {
  return (object.metadata.generation ?? 0) > (numberAt(object, 'status', 'observedGeneration') ?? 0);
}
