// `values` of a generator and its own parameters in, the parameters with `values.<key>` added out.
import type { JsonValue } from '@wheelwright/kernel';
import { renderText } from './flat-template.js';
import type { Params } from './params.js';

type Values = Readonly<Record<string, string>>;

/** Adds `values.<key>`, each rendered once against the generator's own parameters: one value cannot see another. */
export function withValues(params: Params, values: Values | undefined): Params {
  const out = new Map<string, JsonValue>(params);
  for (const [key, text] of Object.entries(values ?? {})) out.set(`values.${key}`, renderText(text, params));
  return out;
}

/** The names that {@link withValues} adds. */
export function valueNames(values: Values | undefined): readonly string[] {
  return Object.keys(values ?? {}).map((key) => `values.${key}`);
}
