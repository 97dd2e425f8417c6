// A set and the facts that it needs in; the complete list of its Applications, sorted, and everything its author should know out.
import type { Application, ApplicationSet, ApplicationTemplate, Generator } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import { filterParams } from './filter-params.js';
import { renderObject } from './flat-template.js';
import { generateClusters } from './generate-clusters.js';
import { generateGitDirectories } from './generate-git-directories.js';
import { generateList } from './generate-list.js';
import { lintSettings } from './lint-set.js';
import { lintTemplate } from './lint-template.js';
import { mergeTemplate } from './merge-template.js';
import { warning, type Params, type Produced } from './params.js';
import { readApplication } from './read-application.js';
import type { ExpandFacts, ExpandIssue, Expansion } from './types.js';
import { refuseUnsupported } from './unsupported.js';
import { validateApplications } from './validate.js';

/** Issues beyond this many are counted, not listed. */
const MAX_ISSUES = 100;

/** One generator of an element, run: what it gave and the template of its own. */
interface Run {
  readonly produced: Produced;
  readonly pointer: string;
  readonly template: ApplicationTemplate | undefined;
}

/**
 * Expands a set as `compatibility.md` 2.1 to 2.3 say, for the list, clusters and git directory generators and flat templates.
 * The order of clusters and directories among the facts does not matter. Throws ExpandFailed where anything at all could not be read or is
 * not supported: an incomplete expansion is never answered, so that nothing is deleted for it.
 */
export function expand(set: ApplicationSet, facts: ExpandFacts): Expansion {
  refuseUnsupported(set);
  const runs = set.spec.generators.flatMap((generator, index) =>
    runElement(generator, `/spec/generators/${String(index)}`, facts),
  );
  const issues: ExpandIssue[] = [...lintSettings(set)];
  const generated: Application[] = [];
  for (const run of runs) {
    const template = mergeTemplate(run.template, set.spec.template);
    issues.push(...run.produced.issues, ...lintTemplate(template, run.produced, run));
    for (const params of run.produced.sets) generated.push(renderApplication(template, params, set));
  }
  const { applications, issues: problems } = validateApplications(generated, facts);
  if (generated.length === 0) {
    const message =
      'no Application results. Those that exist are removed, once the deletion budget or an approval allows it.';
    issues.push(warning('EmptyResult', '/spec/generators', message));
  }
  return { applications, issues: limit([...issues, ...problems]) };
}

/** An element may name several generators: each runs. */
function runElement(element: Generator, pointer: string, facts: ExpandFacts): readonly Run[] {
  const runs: Run[] = [];
  const add = (key: string, template: ApplicationTemplate | undefined, produce: (at: string) => Produced): void => {
    const at = `${pointer}/${key}`;
    runs.push({ produced: filterParams(produce(at), element.selector, `${pointer}/selector`), pointer: at, template });
  };
  const { list, clusters, git } = element;
  if (list !== undefined) add('list', list.template, (at) => generateList(list, { pointer: at, facts }));
  if (clusters !== undefined)
    add('clusters', clusters.template, (at) => generateClusters(clusters, { pointer: at, facts }));
  if (git !== undefined) add('git', git.template, (at) => generateGitDirectories(git, { pointer: at, facts }));
  if (runs.length === 0)
    throw new AppError('ExpandFailed', `${pointer} names no generator: give it list, clusters or git`);
  return runs;
}

/** Without any parameter the template is taken as it is, and gets no finalizer. */
function renderApplication(template: ApplicationTemplate, params: Params, set: ApplicationSet): Application {
  const rendered = params.size > 0;
  return readApplication(rendered ? renderObject(template, params) : template, set, rendered);
}

function limit(issues: readonly ExpandIssue[]): readonly ExpandIssue[] {
  if (issues.length <= MAX_ISSUES) return issues;
  const more = `(and ${String(issues.length - MAX_ISSUES)} more issues: solve these first)`;
  return [...issues.slice(0, MAX_ISSUES), warning('MoreIssues', '', more)];
}
