// The golden cases of comparison: what Git wants, what was done to the spoke, what a real API server made of it, and what must come out.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IgnoreDifference } from '@wheelwright/intent';
import { resourceKeyOf, type JsonObject, type KubeObject } from '@wheelwright/kernel';
import type { JqPaths } from '@wheelwright/platform-jq';
import { parse, stringify } from 'yaml';
import { compileIgnoreRules, compareObjects, placed, readCompareSettings } from '../index.js';
import { expressionWarnings } from '../ignore.js';
import { nameFields } from './name-fields.js';

const ROOT = new URL('../../fixtures/', import.meta.url);

/** One write to the spoke by somebody else. */
export interface Edit {
  readonly manager: string;
  /** A new object, or a patch of the desired one. */
  readonly create?: KubeObject;
  readonly patch?: JsonObject;
  readonly type?: 'merge' | 'strategic';
  readonly subresource?: string;
}

/** `case.yaml`. */
export interface Case {
  /** What is there before: kinds that are defined, objects of others. */
  readonly setup?: readonly KubeObject[];
  readonly before?: readonly Edit[];
  /** What is applied first, unless the object is to be taken over as it is. */
  readonly desired: KubeObject;
  readonly adopt?: boolean;
  readonly edits?: readonly Edit[];
  /** What Git says now, where that is something else. */
  readonly declared?: KubeObject;
  readonly rules?: readonly IgnoreDifference[];
  /** Data of `argocd-cm`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Both sides of a comparison. */
export interface Sides {
  readonly live: KubeObject;
  readonly predicted: KubeObject;
}

/** Names of all cases: `<verdict>_<what it is about>`. */
export function caseNames(): readonly string[] {
  return readdirSync(ROOT).sort();
}

/** The case of that name; `undefined` for one whose two sides are written by hand. */
export function readCase(name: string): Case | undefined {
  return existsSync(fileOf(name, 'case.yaml')) ? (read(name, 'case.yaml') as Case) : undefined;
}

/** The two sides as they were recorded. */
export function readSides(name: string): Sides {
  return { live: read(name, 'live.yaml') as KubeObject, predicted: read(name, 'predicted.yaml') as KubeObject };
}

/** Keeps what a real API server answered. */
export function writeSides(name: string, { live, predicted }: Sides): void {
  writeFileSync(fileOf(name, 'live.yaml'), stringify(live, { aliasDuplicateObjects: false }));
  writeFileSync(fileOf(name, 'predicted.yaml'), stringify(predicted, { aliasDuplicateObjects: false }));
}

export function readExpected(name: string): unknown {
  return JSON.parse(readFileSync(fileOf(name, 'expected.json'), 'utf8'));
}

export function writeExpected(name: string, result: object): void {
  writeFileSync(fileOf(name, 'expected.json'), `${JSON.stringify(result, null, 2)}\n`);
}

/** Compares the two sides as a plan does. */
export async function compareCase(jq: JqPaths, name: string, { live, predicted }: Sides): Promise<object> {
  const { rules = rulesByHand(name), settings: data = {} } = readCase(name) ?? {};
  const { settings, warnings } = readCompareSettings(data);
  const compiled = compileIgnoreRules([...settings.rules, ...placed(rules)]);
  const key = resourceKeyOf(live);
  const { named } = await nameFields({ jq, rules: compiled }, key, { live, dryRun: predicted });
  const ignored = compiled.fieldsOf(key);
  const differences = compareObjects({ live, predicted, ignored, settings, ...(named === undefined ? {} : { named }) });
  const told = named === undefined ? [] : expressionWarnings([named]);
  return { differences, warnings: [...warnings, ...compiled.warnings, ...told] };
}

function rulesByHand(name: string): readonly IgnoreDifference[] {
  return existsSync(fileOf(name, 'ignore.yaml'))
    ? (read(name, 'ignore.yaml') as { readonly rules: readonly IgnoreDifference[] }).rules
    : [];
}

function fileOf(name: string, file: string): URL {
  return new URL(`${name}/${file}`, ROOT);
}

function read(name: string, file: string): unknown {
  return parse(readFileSync(fileOf(name, file), 'utf8'));
}
