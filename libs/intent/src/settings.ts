// The texts of the ConfigMap `argocd-cm` in, those that the hub reads out, and the names of those that it does not.
import { CONTROL_NAMESPACE } from './schema-metadata.js';

/** The ConfigMap in which users of Argo CD keep settings; the hub takes it in its own namespace. */
export const SETTINGS_CONFIG_MAP = { kind: 'ConfigMap', namespace: CONTROL_NAMESPACE, name: 'argocd-cm' } as const;

/** Keys and prefixes (those that end in a dot) of what is acted on. */
const READ: readonly string[] = [
  'resource.customizations',
  'resource.customizations.health.',
  'resource.customizations.useOpenLibs.',
  'resource.customizations.ignoreDifferences.',
  'resource.compareoptions',
];

/** What Argo CD knows beside the same objects, and why it has no effect here. */
const WITHOUT_EFFECT: readonly (readonly [prefix: string, why: string])[] = [
  ['resource.customizations.ignoreResourceUpdates.', 'updates cost nothing here until they change what is compared'],
  ['resource.ignoreResourceUpdatesEnabled', 'updates cost nothing here until they change what is compared'],
  ['resource.customizations.knownTypeFields.', 'the API server itself says what is equal'],
  ['resource.customizations.actions.', 'actions in Lua are not run'],
];

/** The settings of a text, split: what is kept, and a remark for every other key. */
export interface SettingsSplit {
  readonly kept: Readonly<Record<string, string>>;
  readonly remarks: readonly { readonly key: string; readonly message: string }[];
}

/** Splits `data` of `argocd-cm`. What is not read is not kept either: some of it holds credentials. No message repeats a value. */
export function splitSettings(data: Readonly<Record<string, string>>): SettingsSplit {
  const keys = Object.keys(data);
  return {
    kept: Object.fromEntries(Object.entries(data).filter(([key]) => isRead(key))),
    remarks: keys.filter((key) => !isRead(key)).map((key) => ({ key, message: `is ignored: ${whyNot(key)}` })),
  };
}

function isRead(key: string): boolean {
  return READ.some((name) => isNamed(key, name));
}

function isNamed(key: string, name: string): boolean {
  return name.endsWith('.') ? key.startsWith(name) : key === name;
}

function whyNot(key: string): string {
  return WITHOUT_EFFECT.find(([name]) => isNamed(key, name))?.[1] ?? 'the hub does not read this setting of Argo CD';
}
