// For specs: a set as YAML gives it in, typed as the parser of the intent room would out.
import type { ApplicationSet, ApplicationSetSpec, Generator } from '@wheelwright/intent';
import type { JsonObject } from '@wheelwright/kernel';

export interface SetDocument {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Partial<ApplicationSetSpec> & { readonly generators: readonly JsonObject[] };
}

const EXPANDED = new Set(['list', 'clusters', 'git', 'selector']);

/** Fills in defaults, and sets generators aside that are not expanded yet. */
export function readSetFixture({ metadata, spec }: SetDocument): ApplicationSet {
  return {
    metadata: { namespace: 'argocd', labels: {}, annotations: {}, finalizers: [], ...metadata },
    spec: { goTemplate: false, template: {}, ...spec, generators: spec.generators.map(readGenerator) },
  };
}

function readGenerator(document: JsonObject): Generator {
  const entries = Object.entries(document);
  const others = entries.filter(([key]) => !EXPANDED.has(key));
  const known: Generator = Object.fromEntries(entries.filter(([key]) => EXPANDED.has(key)));
  return others.length === 0 ? known : { ...known, others: Object.fromEntries(others) as Record<string, JsonObject> };
}
