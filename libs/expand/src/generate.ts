// An element of `generators` in, what each of its generators produces out.
import type { ApplicationTemplate, Generator } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import { filterParams } from './filter-params.js';
import { generateClusters } from './generate-clusters.js';
import { generateDecisions } from './generate-decisions.js';
import { generateGit } from './generate-git.js';
import { generateList } from './generate-list.js';
import { generateMatrix } from './generate-matrix.js';
import { generateMerge } from './generate-merge.js';
import { generatePlugin } from './generate-plugin.js';
import { generatePullRequest } from './generate-pull-request.js';
import { generateScmProvider } from './generate-scm-provider.js';
import type { TextEngine } from './text-engine.js';
import { failedAt, type GeneratorContext, type Produced } from './params.js';

/** What all generators of a set share. */
export interface Scope extends Pick<GeneratorContext, 'set' | 'mode' | 'facts'> {
  readonly engine: TextEngine;
}

/** Produces what a child of a matrix or merge generator gives; `at` is the pointer of the child. */
export type ProduceChild = (child: Generator, at: string) => Produced;

/** One generator of an element, run: what it gave and the template of its own. */
export interface Run {
  readonly produced: Produced;
  readonly pointer: string;
  readonly template: ApplicationTemplate | undefined;
}

/** Names of all generators, in the order in which those of one element run. */
const KINDS = [
  'list',
  'clusters',
  'git',
  'scmProvider',
  'clusterDecisionResource',
  'pullRequest',
  'matrix',
  'merge',
  'plugin',
] as const;
type Kind = (typeof KINDS)[number];

/** A matrix or merge generator may stand in another one, but no deeper. */
const MAX_DEPTH = 2;
/** Parameter sets that one generator may come to, before its selector. */
const MAX_SETS = 200_000;

/** Runs every generator that an element names, at the top level of the set. Throws ExpandFailed where it names none, or one fails. */
export function runElement(element: Generator, pointer: string, scope: Scope): readonly Run[] {
  const kinds = kindsOf(element);
  if (kinds.length === 0) {
    throw new AppError('ExpandFailed', `${pointer} names no generator: give it one of ${KINDS.join(', ')}`);
  }
  return kinds.map((kind) => ({
    produced: runFiltered(element, kind, { pointer, scope, depth: 1 }),
    pointer: `${pointer}/${kind}`,
    template: element[kind]?.template,
  }));
}

interface Place {
  readonly pointer: string;
  readonly scope: Scope;
  readonly depth: number;
}

/** Runs one generator and applies the `selector` of its element. What is not complete gives no parameters. */
function runFiltered(element: Generator, kind: Kind, place: Place): Produced {
  const { facts } = place.scope;
  const before = facts.misses;
  const produced = runKind(element, kind, place);
  if (facts.misses > before) return { ...produced, sets: [] };
  if (produced.sets.length > MAX_SETS) {
    const message = `it comes to ${String(produced.sets.length)} parameter sets, and ${String(MAX_SETS)} is the most: narrow it down`;
    throw failedAt(`${place.pointer}/${kind}`, message);
  }
  return filterParams(produced, element.selector, `${place.pointer}/selector`);
}

function runKind(element: Generator, kind: Kind, place: Place): Produced {
  const { engine } = place.scope;
  const pointer = `${place.pointer}/${kind}`;
  const render: GeneratorContext['render'] = (text, params) => engine.compile(text).render(params, `${pointer}/values`);
  const context: GeneratorContext = { ...place.scope, pointer, render };
  const { list, clusters, git, scmProvider, clusterDecisionResource, pullRequest, matrix, merge, plugin } = element;
  if (kind === 'list' && list !== undefined) return generateList(list, context);
  if (kind === 'clusters' && clusters !== undefined) return generateClusters(clusters, context);
  if (kind === 'git' && git !== undefined) return generateGit(git, context);
  if (kind === 'scmProvider' && scmProvider !== undefined) return generateScmProvider(scmProvider, context);
  if (kind === 'pullRequest' && pullRequest !== undefined) return generatePullRequest(pullRequest, context);
  if (kind === 'plugin' && plugin !== undefined) return generatePlugin(plugin, context);
  if (kind === 'clusterDecisionResource' && clusterDecisionResource !== undefined) {
    return generateDecisions(clusterDecisionResource, context);
  }
  if (place.depth > MAX_DEPTH) {
    throw failedAt(context.pointer, 'matrix and merge generators nest one level deep: move this one up');
  }
  const produce: ProduceChild = (child, at) => runChild(child, { ...place, pointer: at, depth: place.depth + 1 });
  if (kind === 'matrix' && matrix !== undefined) {
    return generateMatrix(matrix, { ...context, engine, produce, maxSets: MAX_SETS });
  }
  if (kind === 'merge' && merge !== undefined) return generateMerge(merge, { ...context, produce });
  throw failedAt(context.pointer, 'is empty');
}

/** Inside of matrix and merge an element names exactly one generator, and its `template` is not read. */
function runChild(element: Generator, place: Place): Produced {
  const [kind, ...others] = kindsOf(element);
  if (kind === undefined)
    throw failedAt(place.pointer, 'child generator generated no parameters: it names no generator');
  if (others.length > 0) {
    throw failedAt(
      place.pointer,
      `found more than one generator in matrix.Generators: ${[kind, ...others].join(', ')}`,
    );
  }
  return runFiltered(element, kind, place);
}

function kindsOf(element: Generator): readonly Kind[] {
  return KINDS.filter((kind) => element[kind] !== undefined);
}
