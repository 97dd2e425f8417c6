import { ignoresHealth, reportOf, type Health } from '@wheelwright/health';
import { BUILT_IN_JUDGE, type Judge } from '@wheelwright/health/adapters';
import { formatResourceKey, gvkOf, type KubeObject, type ResourceKey } from '@wheelwright/kernel';
import { fingerprintOfObject, type Observed } from '@wheelwright/observe';
import { BEING_DELETED, type Plan, type PlanEntry, type Target } from '@wheelwright/plan';
import type { Finding, LiveState, ResourceStatus } from '@wheelwright/status';
import type { CarriedOut } from './carry-out.js';
import type { SliceContext } from './context.js';
import type { DueApplication } from './load.js';

/** Live objects that were read again because their health may have moved, and the health that stands for each entry. */
export interface Bodies {
  readonly live: ReadonlyMap<string, KubeObject>;
  readonly healthOf: (entry: PlanEntry) => Health | undefined;
  /** How objects are judged; absent: by the rules alone. */
  readonly health?: Judge;
}

/** Reads in full what the plan did not, where the kind's health is in the body and it moved, or was not healthy when last read. */
export async function refreshBodies(
  context: SliceContext,
  {
    due,
    plan,
    observed,
  }: { readonly due: DueApplication; readonly plan: Plan; readonly observed: ReadonlyMap<string, Observed> },
): Promise<Bodies> {
  const rows = new Map(due.resources.map((row) => [formatResourceKey(row.key), row]));
  const live = new Map<string, KubeObject>();
  await Promise.all(
    plan.entries.map(async (entry) => {
      const text = formatResourceKey(entry.key);
      if (entry.live !== undefined || entry.action === 'create' || entry.action === 'prune' || entry.action === 'skip')
        return;
      if (!mayHaveMoved(context.health, { key: entry.key, row: rows.get(text), seen: observed.get(text) })) return;
      const object = await readLive(context, entry);
      if (object !== undefined) live.set(text, object);
    }),
  );
  const { health } = context;
  await health.prepare([...live.values(), ...plan.entries.flatMap((entry) => entry.live ?? [])]);
  return {
    live,
    health,
    healthOf: (entry) => {
      const text = formatResourceKey(entry.key);
      const object = entry.live ?? live.get(text);
      return object === undefined ? storedHealth(rows.get(text)) : health.judge(object);
    },
  };
}

interface Seen {
  readonly key: ResourceKey;
  readonly row: ResourceStatus | undefined;
  readonly seen: Observed | undefined;
}

function mayHaveMoved(health: Judge, { key, row, seen }: Seen): boolean {
  if (!health.needsBody(key.group, key.kind)) return false;
  return (
    row === undefined ||
    row.health !== 'Healthy' ||
    (seen !== undefined && seen.resourceVersion !== row.resourceVersion)
  );
}

async function readLive(
  context: SliceContext,
  entry: { readonly key: ResourceKey; readonly version: string },
): Promise<KubeObject | undefined> {
  const resource = context.discovery.find(entry.key.group, entry.key.kind, entry.version);
  if (resource === undefined) return undefined;
  return context.client.get(resource, entry.key, { signal: context.signal });
}

function storedHealth(row: ResourceStatus | undefined): Health | undefined {
  return row === undefined || row.health === '' ? undefined : { status: row.health, message: row.healthMessage };
}

interface FindingsInput {
  readonly due: DueApplication;
  readonly plan: Plan;
  readonly carried: CarriedOut | undefined;
  readonly bodies: Bodies;
  readonly observed: ReadonlyMap<string, Observed>;
}

/** What is known of each object after this pass: one finding per entry, but for objects that are gone and no longer wanted. */
export function findingsOf(input: FindingsInput): readonly Finding[] {
  return input.plan.entries.flatMap((entry) => findingOf(entry, input) ?? []);
}

function findingOf(entry: PlanEntry, { carried, bodies, observed }: FindingsInput): Finding | undefined {
  const { health: judge = BUILT_IN_JUDGE } = bodies;
  const text = formatResourceKey(entry.key);
  const change = carried?.changes.get(text);
  // A deletion that waits for finalizers stays in the inventory until the object is seen to be gone.
  if (entry.action === 'prune' && change?.action === 'deleted' && change.pending !== true) return undefined;
  const object = change?.live ?? bodies.live.get(text) ?? entry.live;
  const live = object === undefined ? unread(judge, entry, observed.get(text)) : liveStateOf(judge, object);
  const applied = change?.action === 'created' || change?.action === 'configured' || change?.action === 'unchanged';
  const inSync =
    entry.action === 'unchanged' ||
    entry.extraneous === true ||
    ((entry.action === 'create' || entry.action === 'update') && applied);
  const health = object === undefined ? bodies.healthOf(entry) : judge.judge(object);
  const message = change?.pending === true ? BEING_DELETED : (change?.message ?? (inSync ? '' : entry.reason));
  return {
    key: entry.key,
    version: entry.version,
    wave: entry.wave,
    desiredDigest: entry.desiredDigest,
    ...(live === undefined ? {} : { live }),
    sync: inSync ? 'Synced' : 'OutOfSync',
    ...(health === undefined || live === undefined ? {} : { health }),
    message: message ?? '',
  };
}

/** An object that was not read: what the list said of it. */
function unread(judge: Judge, entry: PlanEntry, seen: Observed | undefined): LiveState | undefined {
  if (entry.action === 'create' || seen === undefined)
    return entry.uid === undefined
      ? undefined
      : { uid: entry.uid, fingerprint: entry.fingerprint, resourceVersion: '' };
  return {
    uid: seen.uid,
    fingerprint: seen.fingerprint,
    resourceVersion: judge.needsBody(entry.key.group, entry.key.kind) ? seen.resourceVersion : '',
  };
}

function liveStateOf(judge: Judge, object: KubeObject): LiveState {
  const { group, kind } = gvkOf(object);
  return {
    uid: object.metadata.uid ?? '',
    fingerprint: fingerprintOfObject({ group, kind }, object.metadata),
    resourceVersion: judge.needsBody(group, kind) ? (object.metadata.resourceVersion ?? '') : '',
  };
}

/** The health of the whole: of what is desired, but for the objects that say that theirs does not count. */
export function wholeHealth(findings: readonly Finding[], targets: readonly Target[]): Health {
  const ignored = new Set(
    targets.filter(({ object }) => ignoresHealth(object)).map(({ key }) => formatResourceKey(key)),
  );
  return reportOf(
    findings
      .filter(({ desiredDigest }) => desiredDigest !== '')
      .map(({ key, health, live }) => ({
        key,
        live: live !== undefined,
        ignored: ignored.has(formatResourceKey(key)),
        ...(health === undefined ? {} : { health }),
      })),
  ).whole;
}
