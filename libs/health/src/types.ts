// The door of the health room: live objects in, a verdict on each and on the whole out.
import type { KubeObject, ResourceKey } from '@wheelwright/kernel';

/** From best to worst, in the order that decides the health of the whole. */
export const HEALTH_ORDER = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'] as const;

export type HealthStatus = (typeof HEALTH_ORDER)[number];

export interface Health {
  readonly status: HealthStatus;
  readonly message: string;
}

export interface HealthReport {
  readonly whole: Health;
  /** Objects without an opinion (kinds without a rule) are absent. */
  readonly objects: readonly { readonly key: ResourceKey; readonly health: Health }[];
}

/** What a rule may know besides the object. */
export interface HealthContext {
  /** The object is a hook: it is judged by how it ends. */
  readonly hook: boolean;
}

/** How one kind is judged. */
export interface HealthRule {
  readonly group: string;
  readonly kind: string;
  /** Every verdict that the rule can give; each has golden cases. */
  readonly verdicts: readonly HealthStatus[];
  judge(object: KubeObject, context: HealthContext): Health;
  /** What it asks, in its order, in words, in Markdown: for the reference. */
  readonly says: readonly string[];
  /** Where group or kind hold a `*`: one kind that stands for all in the golden cases. */
  readonly sample?: { readonly group: string; readonly kind: string };
}
