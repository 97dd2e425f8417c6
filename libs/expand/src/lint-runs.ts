// The generators of a set, run, and its templates in; what their author should know out.
import type { ApplicationSet, ApplicationTemplate } from '@wheelwright/intent';
import type { Run } from './generate.js';
import { lintFlatTemplate } from './lint-template.js';
import { lintGoTemplate } from './lint-go-template.js';
import { mergeTemplate } from './merge-template.js';
import { warning } from './params.js';
import { collectTexts, type TextPlaces } from './template-texts.js';
import type { TextEngine } from './text-engine.js';
import type { ExpandIssue } from './types.js';

/** How a number looks that was printed with an exponent, in files that flat templates read. */
const EXPONENT = /^-?\d(?:\.\d+)?e\+\d{2,}$/;

/** Issues of the generators themselves, then those of the templates with what the generators gave. */
export function lintRuns(set: ApplicationSet, runs: readonly Run[], engine: TextEngine): readonly ExpandIssue[] {
  const templates = new Map<ApplicationTemplate | undefined, Run[]>();
  for (const run of runs) templates.set(run.template, [...(templates.get(run.template) ?? []), run]);
  const issues: ExpandIssue[] = [];
  const placesOf = new Map<ApplicationTemplate | undefined, TextPlaces>();
  for (const [own, users] of templates) {
    placesOf.set(own, textsOf(set, own, users[0]?.pointer ?? ''));
  }
  for (const run of runs) {
    issues.push(...run.produced.issues);
    const places = placesOf.get(run.template) ?? new Map<string, string[]>();
    if (engine.mode === 'flat')
      issues.push(...lintFlatTemplate(places, run), ...lintPrintedNumbers(places, run, engine));
  }
  if (engine.mode === 'go') {
    for (const [own, users] of templates)
      issues.push(...lintGoTemplate(placesOf.get(own) ?? new Map<string, string[]>(), users, engine));
  }
  return issues;
}

/** Texts of the template that is rendered, and of the patch. A text of the generator's own template is pointed to there. */
function textsOf(set: ApplicationSet, own: ApplicationTemplate | undefined, pointer: string): TextPlaces {
  const texts = collectTexts(mergeTemplate(own, set.spec.template), '/spec/template');
  if (own !== undefined) {
    for (const [text, pointers] of collectTexts(own, `${pointer}/template`)) texts.set(text, pointers);
  }
  return collectTexts(set.spec.templatePatch, '/spec/templatePatch', texts);
}

/** Flat templates get the numbers of files as printed texts. */
function lintPrintedNumbers(places: TextPlaces, run: Run, engine: TextEngine): readonly ExpandIssue[] {
  const names = new Set([...places.keys()].flatMap((text) => engine.compile(text).fields));
  return [...names].flatMap((name) => {
    const found = run.produced.sets.map((params) => (Object.hasOwn(params, name) ? params[name] : undefined));
    const printed = found.find((value) => typeof value === 'string' && EXPONENT.test(value));
    if (typeof printed !== 'string') return [];
    const message = `${name} is printed as ${printed}: it looks like a large number without quotes. Put it in quotes.`;
    return [warning('UnquotedNumber', run.pointer, message)];
  });
}
