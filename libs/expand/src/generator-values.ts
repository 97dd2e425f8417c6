// `values` of a generator and its own parameters in, the parameters with `values.<key>` added out.
import type { GeneratorContext, Params } from './params.js';
import { setOwn } from './render-tree.js';

type Values = Readonly<Record<string, string>>;

/**
 * Adds `values.<key>` (in go mode the map `values`), each rendered once against the generator's own parameters: one value cannot see another.
 * Without any value the parameters stay as they are.
 */
export function withValues(params: Params, values: Values | undefined, context: GeneratorContext): Params {
  const entries = Object.entries(values ?? {});
  if (entries.length === 0) return params;
  const rendered: Record<string, string> = {};
  for (const [key, text] of entries) setOwn(rendered, key, context.render(text, params));
  if (context.mode === 'go') return { ...params, values: rendered };
  const out: Record<string, Params[string]> = { ...params };
  for (const [key, text] of Object.entries(rendered)) out[`values.${key}`] = text;
  return out;
}

/** The names that {@link withValues} adds. */
export function valueNames(values: Values | undefined): readonly string[] {
  return Object.keys(values ?? {}).map((key) => `values.${key}`);
}
