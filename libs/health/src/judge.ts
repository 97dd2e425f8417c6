// A live object in, its health out, by the rule of its kind (`compatibility.md` 2.8).
import { gvkOf, type KubeObject } from '@wheelwright/kernel';
import { RULES } from './rules/index.js';
import type { Health, HealthContext, HealthRule } from './types.js';
import { progressing } from './verdict.js';

const BY_KIND: ReadonlyMap<string, HealthRule> = new Map(RULES.map((rule) => [`${rule.group}/${rule.kind}`, rule]));
const IGNORE_HEALTH_ANNOTATION = 'argocd.argoproj.io/ignore-healthcheck';

/** The health of a live object; `undefined` where its kind has no rule, which counts as healthy. */
export function judge(object: KubeObject, context: HealthContext = { hook: false }): Health | undefined {
  if (object.metadata.deletionTimestamp !== undefined && !context.hook) return progressing('Pending deletion');
  const { group, kind } = gvkOf(object);
  return BY_KIND.get(`${group}/${kind}`)?.judge(object, context);
}

/** Whether the health of a kind is read from the body, so that it must be judged again whenever `resourceVersion` moves. */
export function needsBody(group: string, kind: string): boolean {
  return BY_KIND.has(`${group}/${kind}`);
}

/** Whether an object asks not to count in the health of the whole. */
export function ignoresHealth(object: KubeObject): boolean {
  return object.metadata.annotations?.[IGNORE_HEALTH_ANNOTATION] === 'true';
}
