// The plugin generator: the objects that an HTTP service answers in, one set of parameters for each out.
import type { PluginGenerator } from '@wheelwright/intent';
import type { PluginRequest } from './facts.js';
import { valueNames, withValues } from './generator-values.js';
import { flattenToTexts } from './go-json.js';
import {
  anythingFrom,
  nothingYet,
  type GeneratorContext,
  type Params,
  type Produced,
  type Vocabulary,
} from './params.js';

/**
 * In go mode the objects as they are, in flat mode flattened to texts. `generator.input.parameters` holds what the plugin was asked with; it
 * and `values` replace what the plugin answers under these names. Flat templates cannot read the former, as in the peer.
 */
export function generatePlugin(generator: PluginGenerator, context: GeneratorContext): Produced {
  const request = pluginRequest(generator, context.set);
  const answer = context.facts.read(request);
  if (answer === undefined) return nothingYet(anythingFrom('a plugin generator'));
  const sets = answer.parameters.map((object) => {
    const own: Params = context.mode === 'go' ? object : flattenToTexts(object);
    const params: Params = { ...own, generator: { input: { parameters: request.parameters } } };
    return withValues(params, generator.values, context);
  });
  return { sets, issues: [], vocabulary: pluginVocabulary(generator, sets) };
}

/** What is asked. */
export function pluginRequest(
  generator: PluginGenerator,
  set: { readonly name: string; readonly namespace: string },
): PluginRequest {
  return {
    kind: 'plugin',
    namespace: set.namespace,
    set: set.name,
    configMap: generator.configMapRef.name,
    parameters: generator.input?.parameters ?? {},
  };
}

function pluginVocabulary(generator: PluginGenerator, sets: readonly Params[]): Vocabulary {
  const found = new Set(sets.flatMap((params) => Object.keys(params)));
  found.delete('generator');
  found.delete('values');
  const names = [...new Set([...[...found].sort(), ...valueNames(generator.values)])];
  const produces = (name: string): boolean =>
    names.includes(name) ||
    // A field of something that is produced, and everything below `generator`.
    names.some((known) => name.startsWith(`${known}.`)) ||
    name === 'generator' ||
    name.startsWith('generator.');
  return { generator: 'a plugin generator', names: [...names, 'generator.input.parameters.<key>'], produces };
}
