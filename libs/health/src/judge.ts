// A live object in, its health out, by the rule of its kind (`compatibility.md` 2.8).
import { gvkOf, type KubeObject } from '@wheelwright/kernel';
import { RULES } from './rules/index.js';
import { coversKind } from './table.js';
import type { Health, HealthContext, HealthRule } from './types.js';
import { progressing } from './verdict.js';

const BY_KIND: ReadonlyMap<string, HealthRule> = new Map(RULES.map((rule) => [`${rule.group}/${rule.kind}`, rule]));
/** Rules of many kinds, the narrower before the wider. */
const WIDE: readonly HealthRule[] = RULES.filter(isWide).sort((a, b) => widthOf(a) - widthOf(b));
const IGNORE_HEALTH_ANNOTATION = 'argocd.argoproj.io/ignore-healthcheck';

/** The health of a live object; `undefined` where its kind has no rule, which counts as healthy. */
export function judge(object: KubeObject, context: HealthContext = { hook: false }): Health | undefined {
  if (object.metadata.deletionTimestamp !== undefined && !context.hook) return progressing('Pending deletion');
  const { group, kind } = gvkOf(object);
  return ruleOf(group, kind)?.judge(object, context);
}

/** Whether the health of a kind is read from the body, so that it must be judged again whenever `resourceVersion` moves. */
export function needsBody(group: string, kind: string): boolean {
  return ruleOf(group, kind) !== undefined;
}

/** The rule of a kind: its own, else one that is meant for many. */
function ruleOf(group: string, kind: string): HealthRule | undefined {
  return BY_KIND.get(`${group}/${kind}`) ?? WIDE.find((rule) => coversKind(rule, group, kind));
}

function isWide({ group, kind }: HealthRule): boolean {
  return group.startsWith('*.') || kind === '*';
}

function widthOf({ group, kind }: HealthRule): number {
  return (group.startsWith('*.') ? 2 : 0) + (kind === '*' ? 1 : 0);
}

/** Whether an object asks not to count in the health of the whole. */
export function ignoresHealth(object: KubeObject): boolean {
  return object.metadata.annotations?.[IGNORE_HEALTH_ANNOTATION] === 'true';
}
