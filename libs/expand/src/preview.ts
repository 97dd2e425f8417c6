// A set that somebody thinks of in; which Applications would come, change and go, and why each is there, out. Nothing is written for it.
import type { Application, ApplicationSet, CatalogueObject, Destination } from '@wheelwright/intent';
import { diffJson, type JsonDifference, type JsonObject } from '@wheelwright/kernel';
import type { SetChangeResult } from './ports.js';
import type { ExpandedApplication, ExpandIssue, Expansion, Origin } from './types.js';

/** What is to be previewed: a set as it would be declared, or one that is, by name. */
export interface PreviewRequest {
  readonly set: ApplicationSet | { readonly name: string };
  /** Revision at which git generators read instead of their own: a branch, a tag or a commit. */
  readonly revision?: string;
  /** Only generators of this repository read at `revision`; absent: all git generators. */
  readonly repoURL?: string;
  /** Objects that would be declared together with the set: they are there for the trial. */
  readonly along?: readonly CatalogueObject[];
}

/** `refuse`: the name belongs to somebody else; `invalid`: an issue says why it would not be written. */
export type PreviewAction = 'create' | 'change' | 'unchanged' | 'refuse' | 'invalid';

/** One generated Application. */
export interface PreviewedApplication {
  readonly name: string;
  readonly action: PreviewAction;
  readonly project: string;
  readonly destination: Destination;
  /** The generator that gave it, and the parameters that its template got. */
  readonly origin: Origin;
  /** Of a changed one, field by field, as pointers into `{metadata: {labels, annotations, finalizers}, spec}`. */
  readonly differences: readonly JsonDifference[];
  /** Of a refused one. */
  readonly reason?: string;
}

/** One that exists and is not generated any more. */
export interface RemovedApplication {
  readonly name: string;
  /** Whether its live objects would go too. */
  readonly cascade: boolean;
  /** Live objects that it has. */
  readonly resources: number;
}

/** One that changes its set and stays otherwise as it is. */
export interface HandedOver {
  readonly name: string;
  /** The set that it belongs to then. */
  readonly set: string;
}

export interface PreviewCounts {
  readonly create: number;
  readonly change: number;
  readonly unchanged: number;
  readonly refuse: number;
  readonly invalid: number;
  readonly remove: number;
  readonly handOver: number;
}

/** The answer. Counts are of all, lists are cut at {@link MAX_LISTED}. */
export interface SetPreview {
  readonly set: string;
  /** Whether a set of this name is declared now. */
  readonly exists: boolean;
  readonly counts: PreviewCounts;
  /** By name. */
  readonly applications: readonly PreviewedApplication[];
  /** By name. With `held` they would wait for an approval. */
  readonly removed: readonly RemovedApplication[];
  readonly held: string | null;
  /** By name: those that another set generates, and gets instead of a deletion. */
  readonly handedOver: readonly HandedOver[];
  readonly issues: readonly ExpandIssue[];
}

/** Entries of each list. */
export const MAX_LISTED = 2_000;
const MAX_DIFFERENCES = 100;

/** What writing the expansion would come to, and the Applications concerned before and after it. */
export interface PreviewInput {
  readonly set: string;
  readonly exists: boolean;
  readonly expansion: Expansion;
  readonly result: Pick<
    SetChangeResult,
    'created' | 'updated' | 'removed' | 'held' | 'deferred' | 'handedOver' | 'refused'
  >;
  /** Of those that are updated, by name. */
  readonly before: ReadonlyMap<string, Application>;
  readonly after: ReadonlyMap<string, Application>;
  /** Of those that would go, are held or wait, by name. */
  readonly leaving: ReadonlyMap<string, Omit<RemovedApplication, 'name'>>;
}

/** Sorts out what a trial came to. Pure. */
export function previewOf(input: PreviewInput): SetPreview {
  const { expansion, result } = input;
  const created = new Set(result.created);
  const updated = new Set(result.updated);
  const refused = new Map(result.refused.map(({ name, reason }) => [name, reason]));
  const actionOf = ({ application, valid }: ExpandedApplication): PreviewAction => {
    const { name } = application.metadata;
    if (!valid) return 'invalid';
    if (refused.has(name)) return 'refuse';
    if (created.has(name)) return 'create';
    return updated.has(name) ? 'change' : 'unchanged';
  };
  const actions = expansion.applications.map(actionOf);
  const count = (action: PreviewAction): number => actions.filter((each) => each === action).length;
  // What waits for other sets goes, as far as anybody knows now.
  const names = [...result.removed, ...(result.held?.names ?? []), ...(result.deferred?.names ?? [])];
  const leaving = [...new Set(names)].sort();
  return {
    set: input.set,
    exists: input.exists,
    counts: {
      create: count('create'),
      change: count('change'),
      unchanged: count('unchanged'),
      refuse: count('refuse'),
      invalid: count('invalid'),
      remove: leaving.length,
      handOver: result.handedOver.length,
    },
    applications: expansion.applications.slice(0, MAX_LISTED).map((entry, index) => {
      const { name } = entry.application.metadata;
      const reason = refused.get(name);
      return {
        name,
        action: actions[index] ?? 'unchanged',
        project: entry.application.spec.project,
        destination: entry.application.spec.destination,
        origin: entry.origin,
        differences: differencesOf(input.before.get(name), input.after.get(name)),
        ...(reason === undefined ? {} : { reason }),
      };
    }),
    removed: leaving.slice(0, MAX_LISTED).map((name) => ({
      name,
      ...(input.leaving.get(name) ?? { cascade: false, resources: 0 }),
    })),
    held: result.held?.reason ?? null,
    handedOver: result.handedOver.slice(0, MAX_LISTED),
    issues: expansion.issues,
  };
}

function differencesOf(before: Application | undefined, after: Application | undefined): readonly JsonDifference[] {
  if (before === undefined || after === undefined) return [];
  return diffJson(comparable(before), comparable(after), { most: MAX_DIFFERENCES });
}

function comparable({ metadata, spec }: Application): JsonObject {
  const { labels, annotations, finalizers } = metadata;
  return { metadata: { labels, annotations, finalizers }, spec: spec as typeof spec & JsonObject };
}
