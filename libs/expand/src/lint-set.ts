// A set in, what can be said about it before anything else is read out.
import type { ApplicationSet } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import { scopeOf } from './expand.js';
import { FactReader } from './facts.js';
import { runElement, type Run } from './generate.js';
import { lintRuns } from './lint-runs.js';
import { warning } from './params.js';
import { textEngineOf } from './text-engine.js';
import type { ExpandIssue } from './types.js';

/**
 * The warnings of a set whose facts cannot be read, or not yet: spelling of patterns, names that its generators never produce, texts that are no
 * templates, settings that are not acted on. An expansion gives all of these too, and those that depend on the facts. What makes an
 * expansion fail is not among them: {@link failureUnread} says that.
 */
export function lintUnread(set: ApplicationSet): readonly ExpandIssue[] {
  const { runs, engine } = runUnread(set);
  return [...lintSettings(set), ...(engine === undefined ? [] : lintRuns(set, runs, engine))];
}

/** Why the set cannot be expanded, as far as that can be told without any fact. */
export function failureUnread(set: ApplicationSet): AppError | undefined {
  return runUnread(set).failure;
}

/** Settings that are accepted and not acted on yet. */
export function lintSettings({ spec }: ApplicationSet): readonly ExpandIssue[] {
  const issues: ExpandIssue[] = [];
  if (spec.strategy?.['type'] === 'RollingSync') {
    const message = 'RollingSync is not supported yet: all Applications follow their own sync policy at once';
    issues.push(warning('NotActedOn', '/spec/strategy', message));
  }
  return issues;
}

/** Runs the generators without any fact: those that ask for one give no parameters. One that fails does not stop the others. */
function runUnread(set: ApplicationSet): {
  readonly runs: readonly Run[];
  readonly engine?: ReturnType<typeof textEngineOf>;
  readonly failure?: AppError;
} {
  let failure: AppError | undefined;
  const attempt = <T>(run: () => T, otherwise: T): T => {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      failure ??= error;
      return otherwise;
    }
  };
  const engine = attempt<ReturnType<typeof textEngineOf> | undefined>(() => textEngineOf(set.spec), undefined);
  const runs =
    engine === undefined
      ? []
      : set.spec.generators.flatMap((element, index) => {
          const scope = scopeOf(set, new FactReader(new Map()), engine);
          return attempt<readonly Run[]>(() => runElement(element, `/spec/generators/${String(index)}`, scope), []);
        });
  return { runs, ...(engine === undefined ? {} : { engine }), ...(failure === undefined ? {} : { failure }) };
}
