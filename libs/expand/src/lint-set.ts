// A set in, what can be said about it before anything else is read out.
import type { ApplicationSet, ApplicationTemplate, Generator } from '@wheelwright/intent';
import { clustersVocabulary } from './generate-clusters.js';
import { gitVocabulary } from './generate-git-directories.js';
import { lintSpelling } from './lint-pattern.js';
import { lintTemplate } from './lint-template.js';
import { mergeTemplate } from './merge-template.js';
import { warning, type Vocabulary } from './params.js';
import type { ExpandIssue } from './types.js';

/**
 * The warnings of a set whose facts cannot be read, or not yet: spelling of directory patterns, names that its generators never produce, settings
 * that are not acted on. An expansion gives all of these too, and those that depend on the facts.
 */
export function lintUnread(set: ApplicationSet): readonly ExpandIssue[] {
  const issues = set.spec.generators.flatMap((element, index) =>
    lintElement(set, element, `/spec/generators/${String(index)}`),
  );
  return [...lintSettings(set), ...issues];
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

function lintElement(set: ApplicationSet, { clusters, git }: Generator, pointer: string): readonly ExpandIssue[] {
  const directories = git?.directories ?? [];
  const spelling = directories.flatMap(({ path }, index) =>
    lintSpelling({ text: path, pointer: `${pointer}/git/directories/${String(index)}/path` }),
  );
  // Tags of Go templates follow other rules.
  if (set.spec.goTemplate) return spelling;
  const lintTags = (
    template: ApplicationTemplate | undefined,
    at: string,
    vocabulary: Vocabulary,
  ): readonly ExpandIssue[] =>
    lintTemplate(
      mergeTemplate(template, set.spec.template),
      { sets: [], issues: [], vocabulary },
      { template, pointer: at },
    );
  return [
    ...spelling,
    ...(clusters === undefined ? [] : lintTags(clusters.template, `${pointer}/clusters`, clustersVocabulary(clusters))),
    ...(git === undefined || directories.length === 0
      ? []
      : lintTags(git.template, `${pointer}/git`, gitVocabulary(git))),
  ];
}
