// For specs: a set as YAML gives it in, typed as the parser of the intent room would out.
import type { ApplicationSet, ApplicationSetSpec, Generator } from '@wheelwright/intent';
import { isJsonObject, type JsonObject } from '@wheelwright/kernel';

export interface SetDocument {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Partial<ApplicationSetSpec> & { readonly generators: readonly JsonObject[] };
}

/** Fills in defaults, those of nested generators too. */
export function readSetFixture({ metadata, spec }: SetDocument): ApplicationSet {
  return {
    metadata: { namespace: 'argocd', labels: {}, annotations: {}, finalizers: [], ...metadata },
    spec: { goTemplate: false, template: {}, ...spec, generators: spec.generators.map(readGenerator) },
  };
}

function readGenerator(document: JsonObject): Generator {
  const entries = Object.entries(document).map(([key, value]) => {
    if (!isJsonObject(value)) return [key, value] as const;
    const git = key === 'git' ? { revision: 'HEAD', ...value } : value;
    const { generators } = git;
    return [key, Array.isArray(generators) ? { ...git, generators: generators.map(readGenerator) } : git] as const;
  });
  return Object.fromEntries(entries) as Generator;
}
