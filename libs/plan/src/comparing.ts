// The settings of the hub and the declaration of an Application in; how its objects are compared out.
import type { IgnoreDifference } from '@wheelwright/intent';
import { digestOf, type ResourceKey } from '@wheelwright/kernel';
import { compileIgnoreRules, placed, type IgnoreRules } from './ignore.js';
import {
  COMPARE_OPTIONS_ANNOTATION,
  compareSettingsOf,
  DEFAULT_COMPARE_SETTINGS,
  type CompareSettings,
} from './settings.js';
import type { PlanInput, PlanWarning } from './types.js';

/** What an Application says about comparing. */
export interface DeclaredComparing {
  readonly annotations: Readonly<Record<string, string>>;
  readonly ignoreDifferences?: readonly IgnoreDifference[] | undefined;
}

/** How the objects of one Application are compared. */
export interface Comparing {
  /** For a plan. */
  readonly input: Pick<PlanInput, 'ignoreDifferences' | 'compare'>;
  readonly rules: IgnoreRules;
  readonly warnings: readonly PlanWarning[];
  /**
   * Digest of everything that decides how an object is compared; empty where nothing does. It belongs into the digest of the desired object: when
   * a rule comes or goes, the object is compared again although neither side of it moved.
   */
  readonly digestFor: (key: ResourceKey) => string;
}

/** Puts together what the hub's settings and the Application say. */
export function comparingOf(system: CompareSettings, declared: DeclaredComparing): Comparing {
  const { settings, warnings } = compareSettingsOf(system, declared.annotations[COMPARE_OPTIONS_ANNOTATION]);
  const { ignoreDifferences } = declared;
  const input = { compare: settings, ...(ignoreDifferences === undefined ? {} : { ignoreDifferences }) };
  const rules = ignoreRulesOf(input);
  const { rules: _rules, ...options } = settings;
  const { rules: _none, ...usual } = DEFAULT_COMPARE_SETTINGS;
  const moved = digestOf(options) === digestOf(usual) ? '' : digestOf(options);
  return {
    input,
    rules,
    warnings,
    digestFor: (key) => {
      const { managers, expressions, paths } = rules.fieldsOf(key);
      const isPlain = managers.length + expressions.length + paths.length === 0;
      return isPlain ? moved : digestOf([moved, managers, expressions, paths.map((path) => path.map(String))]);
    },
  };
}

/** The rules of an Application and those for every one, compiled. The warnings are about its own: those of the hub concern whoever set them. */
export function ignoreRulesOf({
  ignoreDifferences,
  compare = DEFAULT_COMPARE_SETTINGS,
}: Pick<PlanInput, 'ignoreDifferences' | 'compare'>): IgnoreRules {
  const own = placed(ignoreDifferences);
  const all = compileIgnoreRules([...compare.rules, ...own]);
  return { ...all, warnings: compileIgnoreRules(own).warnings };
}
