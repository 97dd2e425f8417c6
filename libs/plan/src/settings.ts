// The parts of the ConfigMap `argocd-cm` that are about comparing, and an Application's compare options, in; settings and warnings out.
import type { IgnoreDifference } from '@wheelwright/intent';
import { parse } from 'yaml';
import { z } from 'zod';
import { compileIgnoreRules, type PlacedRule } from './ignore.js';
import type { PlanWarning } from './types.js';

/** How objects of one Application are compared (`compatibility.md` 2.7). */
export interface CompareSettings {
  /** Rules for every Application. */
  readonly rules: readonly PlacedRule[];
  /** Kinds whose `status` is no part of what is desired: all of them, CustomResourceDefinitions only, or none. */
  readonly ignoreStatus: 'all' | 'crd' | 'none';
  /** Leaves the rules of aggregated ClusterRoles to the controller that collects them. */
  readonly ignoreAggregatedRoles: boolean;
  /** Counts what admission webhooks of the spoke would change as well, beside what we would. */
  readonly includeMutations: boolean;
}

export const DEFAULT_COMPARE_SETTINGS: CompareSettings = {
  rules: [],
  ignoreStatus: 'all',
  ignoreAggregatedRoles: false,
  includeMutations: false,
};

/** Annotation of an Application or an object that says how it is compared. */
export const COMPARE_OPTIONS_ANNOTATION = 'argocd.argoproj.io/compare-options';

const IGNORE = 'resource.customizations.ignoreDifferences.';
const OLD_FORM = 'resource.customizations';
const OPTIONS = 'resource.compareoptions';
/** Longest YAML text of one key. */
const MAX_TEXT = 64 * 1024;
/** Rules that are taken in all. */
const MAX_RULES = 500;

const texts = z.array(z.string()).nullish();
const ignored = z.object({ jsonPointers: texts, jqPathExpressions: texts, managedFieldsManagers: texts });
const oldForm = z.record(z.string(), z.looseObject({ ignoreDifferences: z.string().optional() }));
const compareOptions = z.object({
  ignoreAggregatedRoles: z.boolean().optional(),
  ignoreResourceStatusField: z.string().optional(),
  ignoreDifferencesOnResourceUpdates: z.boolean().optional(),
});

/** Reads the data of `argocd-cm`. A key that cannot be read is left out with a warning; keys about other things are passed over. */
export function readCompareSettings(data: Readonly<Record<string, string>>): {
  readonly settings: CompareSettings;
  readonly warnings: readonly PlanWarning[];
} {
  const reader = new Reader(data);
  const rules = [...reader.oldRules(), ...reader.rules()];
  if (rules.length > MAX_RULES) reader.warn(IGNORE, `only the first ${String(MAX_RULES)} rules are taken`);
  const settings = { ...DEFAULT_COMPARE_SETTINGS, ...reader.options(), rules: rules.slice(0, MAX_RULES) };
  return { settings, warnings: [...reader.warnings, ...compileIgnoreRules(settings.rules).warnings] };
}

class Reader {
  readonly warnings: PlanWarning[] = [];

  constructor(private readonly data: Readonly<Record<string, string>>) {}

  warn(key: string, message: string): void {
    this.warnings.push({ type: 'IgnoreDifferencesWarning', message: `argocd-cm ${key}: ${message}` });
  }

  rules(): readonly PlacedRule[] {
    return Object.entries(this.data)
      .filter(([key]) => key.startsWith(IGNORE))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([key, text]) => {
        const name = key.slice(IGNORE.length);
        // In the key of a ConfigMap `_` stands for `/`.
        return this.rule(key, { kind: name === 'all' ? '*/*' : name.replace('_', '/'), text });
      });
  }

  /** One YAML map of all customizations, with YAML texts in it. */
  oldRules(): readonly PlacedRule[] {
    const all = this.read(OLD_FORM, { text: this.data[OLD_FORM] ?? '', schema: oldForm });
    return Object.entries(all ?? {}).flatMap(([kind, { ignoreDifferences }]) =>
      ignoreDifferences === undefined ? [] : this.rule(OLD_FORM, { kind, text: ignoreDifferences }),
    );
  }

  options(): Partial<CompareSettings> {
    const options = this.read(OPTIONS, { text: this.data[OPTIONS] ?? '', schema: compareOptions });
    if (options === undefined) return {};
    const { ignoreAggregatedRoles = false, ignoreResourceStatusField: status = 'all' } = options;
    const ignoreStatus = statusOption(status);
    if (ignoreStatus === undefined)
      this.warn(OPTIONS, `ignoreResourceStatusField is all, crd or none, and not "${status}": all is taken`);
    return { ignoreAggregatedRoles, ignoreStatus: ignoreStatus ?? 'all' };
  }

  private rule(key: string, { kind, text }: { readonly kind: string; readonly text: string }): readonly PlacedRule[] {
    const fields = this.read(key, { text, schema: ignored });
    if (fields === undefined) return [];
    const slash = kind.lastIndexOf('/');
    const rule: IgnoreDifference = {
      group: slash < 0 ? '' : kind.slice(0, slash),
      kind: kind.slice(slash + 1),
      ...(fields.jsonPointers ? { jsonPointers: fields.jsonPointers } : {}),
      ...(fields.jqPathExpressions ? { jqPathExpressions: fields.jqPathExpressions } : {}),
      ...(fields.managedFieldsManagers ? { managedFieldsManagers: fields.managedFieldsManagers } : {}),
    };
    return [{ rule, where: `argocd-cm ${key}` }];
  }

  private read<T>(
    key: string,
    { text, schema }: { readonly text: string; readonly schema: z.ZodType<T> },
  ): T | undefined {
    if (text.trim() === '') return undefined;
    if (text.length > MAX_TEXT) {
      this.warn(key, `it is longer than ${String(MAX_TEXT)} characters, and is left out`);
      return undefined;
    }
    try {
      const parsed = schema.safeParse(parse(text, { maxAliasCount: 0 }));
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      this.warn(key, `/${issue?.path.join('/') ?? ''} ${issue?.message ?? 'is not valid'}; it is left out`);
    } catch {
      this.warn(key, 'it is not YAML, and is left out');
    }
    return undefined;
  }
}

/** The field takes booleans of old times too: false was `none`. */
function statusOption(text: string): CompareSettings['ignoreStatus'] | undefined {
  switch (text) {
    case 'all':
    case 'true':
      return 'all';
    case 'crd':
      return 'crd';
    case 'none':
    case 'off':
    case 'false':
      return 'none';
    default:
      return undefined;
  }
}

/** The settings of one Application: what its `compare-options` say goes before. */
export function compareSettingsOf(
  system: CompareSettings,
  annotation: string | undefined,
): { readonly settings: CompareSettings; readonly warnings: readonly PlanWarning[] } {
  const options = (annotation ?? '').split(',').map((option) => option.trim());
  const warnings = options
    .filter((option) => option === 'ServerSideDiff=false')
    .map((option) => ({
      type: 'SyncOptionWarning',
      message: `${COMPARE_OPTIONS_ANNOTATION}: ${option} has no effect: objects are always compared as the spoke's API server would apply them`,
    }));
  const includeMutations = system.includeMutations || options.includes('IncludeMutationWebhook=true');
  return { settings: { ...system, includeMutations }, warnings };
}

/** Whether an object that is no longer declared leaves its Application in sync all the same. */
export function ignoresExtraneous(annotations: Readonly<Record<string, string>> | undefined): boolean {
  const value = annotations?.[COMPARE_OPTIONS_ANNOTATION];
  return typeof value === 'string' && value.split(',').some((option) => option.trim() === 'IgnoreExtraneous');
}
