// A set and the facts that it needs in; the complete list of its Applications, sorted, and everything its author should know out.
import type { ApplicationSet } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import { applicationRenderer, type Candidate } from './application-renderer.js';
import { FactReader, type FactRequest, type Facts } from './facts.js';
import { runElement, type Run, type Scope } from './generate.js';
import { lintNoValues } from './lint-go-template.js';
import { lintRuns } from './lint-runs.js';
import { lintSettings } from './lint-set.js';
import { warning } from './params.js';
import { textEngineOf, type TextEngine } from './text-engine.js';
import type { ExpandIssue, ExpandResult } from './types.js';
import { registeredRequestOf, validateApplications } from './validate.js';

/** Issues beyond this many are counted, not listed. */
const MAX_ISSUES = 100;
/** Applications that one set may come to. */
export const MAX_APPLICATIONS = 50_000;
/** Facts that one set may ask for at a time. */
const MAX_REQUESTS = 5_000;

/**
 * Expands a set as `compatibility.md` 2.1 to 2.3 say. Answers `needs` with the requests whose answers are not among the facts: gather them and
 * expand again, a few times over, until it is complete. The order of clusters, directories and files among the facts does not matter. Throws
 * ExpandFailed where anything at all is wrong with a generator or a template: an incomplete expansion is never answered, so that nothing
 * is deleted for it.
 */
export function expand(set: ApplicationSet, facts: Facts): ExpandResult {
  const rendering = remembered.get(set);
  const rendered = rendering !== undefined && isStillTrue(rendering, facts) ? rendering : renderSet(set, facts);
  if ('requests' in rendered) return { kind: 'needs', requests: rendered.requests };
  remembered.set(set, rendered);
  const request = registeredRequestOf(rendered.candidates);
  const registered = new FactReader(facts).read(request);
  if (registered === undefined) return { kind: 'needs', requests: [request] };
  const { applications, issues: problems } = validateApplications(rendered.candidates, registered);
  const issues = [...rendered.issues];
  if (applications.length === 0) {
    const message =
      'no Application results. Those that exist are removed, once the deletion budget or an approval allows it.';
    issues.push(warning('EmptyResult', '/spec/generators', message));
  }
  return { kind: 'complete', expansion: { applications, issues: limit([...issues, ...problems]) } };
}

/** What a set comes to before its destinations and projects are looked up, and the facts that it read for that. */
interface Rendered {
  readonly facts: Facts;
  readonly candidates: readonly Candidate[];
  readonly issues: readonly ExpandIssue[];
}

/** Expanding again with one more answer need not render everything again. It is a memory only: without it the result is the same. */
const remembered = new WeakMap<ApplicationSet, Rendered>();

function isStillTrue(rendered: Rendered, facts: Facts): boolean {
  return [...rendered.facts].every(([key, answer]) => facts.get(key) === answer);
}

function renderSet(set: ApplicationSet, facts: Facts): Rendered | { readonly requests: readonly FactRequest[] } {
  const reader = new FactReader(facts);
  const engine = textEngineOf(set.spec);
  const scope = scopeOf(set, reader, engine);
  const runs = set.spec.generators.flatMap((element, index) =>
    runElement(element, `/spec/generators/${String(index)}`, scope),
  );
  if (reader.misses > 0) return { requests: boundedRequests(reader.missing) };
  const { candidates, issues: rendering } = renderRuns(set, runs, engine);
  const issues = [...lintSettings(set), ...lintRuns(set, runs, engine), ...rendering];
  return { facts: reader.found, candidates, issues: [...issues, ...lintNoValues(engine, issues)] };
}

/** Every request is a query, or a read of a repository. */
function boundedRequests(requests: readonly FactRequest[]): readonly FactRequest[] {
  if (requests.length <= MAX_REQUESTS) return requests;
  const message = `The generators of the set ask for ${String(requests.length)} different facts, and ${String(MAX_REQUESTS)} is the most: let the first generator of a matrix give fewer parameter sets`;
  throw new AppError('ExpandFailed', message);
}

/** What the generators of a set share. */
export function scopeOf(set: ApplicationSet, facts: FactReader, engine: TextEngine): Scope {
  const { name, namespace } = set.metadata;
  return {
    set: { name, namespace },
    mode: engine.mode,
    facts,
    engine,
  };
}

function renderRuns(
  set: ApplicationSet,
  runs: readonly Run[],
  engine: TextEngine,
): { readonly candidates: readonly Candidate[]; readonly issues: readonly ExpandIssue[] } {
  const count = runs.reduce((sum, { produced }) => sum + produced.sets.length, 0);
  if (count > MAX_APPLICATIONS) {
    const message = `The set comes to ${String(count)} Applications, and ${String(MAX_APPLICATIONS)} is the most: narrow its generators down, or cut it into several sets`;
    throw new AppError('ExpandFailed', message);
  }
  const renderer = applicationRenderer(set, engine);
  const candidates: Candidate[] = [];
  for (const run of runs) {
    const render = renderer.forTemplate(run.template, run.pointer);
    for (const params of run.produced.sets) {
      candidates.push({ application: render(params), origin: { generator: run.pointer, params } });
    }
  }
  return { candidates, issues: renderer.issues() };
}

function limit(issues: readonly ExpandIssue[]): readonly ExpandIssue[] {
  if (issues.length <= MAX_ISSUES) return issues;
  const more = `(and ${String(issues.length - MAX_ISSUES)} more issues: solve these first)`;
  return [...issues.slice(0, MAX_ISSUES), warning('MoreIssues', '', more)];
}
