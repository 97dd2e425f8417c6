import { endHook, runHook, type HookSight } from '@wheelwright/apply/adapters';
import type { Judge } from '@wheelwright/health/adapters';
import { formatResourceKey, type KubeObject } from '@wheelwright/kernel';
import { FIELD_MANAGER, hookId, namedHook, propagationOf, type HookTarget, type SyncOptions } from '@wheelwright/plan';
import type { HookRecord } from '@wheelwright/rollout';
import { labelOf, type SliceContext } from './context.js';

/** Most hooks of earlier operations that are remembered. Those that have no fixed name and no delete policy would add up for ever. */
const REMEMBERED = 200;

/** Which operation runs hooks. */
export interface HookOwner {
  readonly application: string;
  readonly revision: string;
  /** When the operation began, in milliseconds since the epoch: names it. */
  readonly startedAtMs: number;
}

/** What the hooks of one step came to. */
export type HookVerdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Runs the hooks of one operation, over as many passes as they take. All that a pass needs to know is in the records and on the spoke: an object
 * says of which operation and phase it is, so a crash between making it and recording it makes no second one.
 */
export class HookRun {
  private readonly records: Map<string, HookRecord>;

  constructor(
    private readonly context: SliceContext,
    private readonly owner: HookOwner,
    private readonly stored: readonly HookRecord[],
  ) {
    this.records = new Map(stored.map((record) => [recordId(record), record]));
  }

  /** The records to store: those of this operation, and the newest of earlier ones. */
  all(): readonly HookRecord[] {
    const own = this.own();
    // Of a name there is one object: the newest run has it.
    const taken = new Set(own.map(({ key }) => formatResourceKey(key)));
    const earlier = [...this.records.values()].filter(
      (record) => !this.isOwn(record) && !taken.has(formatResourceKey(record.key)),
    );
    return [...earlier.slice(-REMEMBERED), ...own];
  }

  /** Whether an end was found in this pass: it is stored before anything is let go of. */
  get hasNews(): boolean {
    const known = new Map(this.stored.map((record) => [recordId(record), record.state]));
    return this.own().some((record) => known.get(recordId(record)) !== record.state);
  }

  /** Whether a hook of this operation failed, in this pass or an earlier one. */
  get hasFailed(): boolean {
    return this.own().some(({ state }) => state === 'Failed');
  }

  /** Whether an object is held that should not be: of this operation, or of one that was given up. */
  get holds(): boolean {
    return [...this.records.values()].some(({ released }) => !released);
  }

  /** Runs, or goes on running, the hooks of one step: kind after kind. Those that run already are waited for before a failure ends it. */
  async step(hooks: readonly HookTarget[]): Promise<HookVerdict> {
    const waiting: string[] = [];
    const failures: string[] = [];
    for (const hook of hooks.map((one) => namedHook(one, this.owner))) {
      if (failures.length > 0 && !this.records.has(this.idOf(hook))) break;
      const name = `hook ${labelOf(hook.key)} (${hook.phase})`;
      const record = await this.ask(hook);
      if (record === undefined) {
        waiting.push(`waiting for the earlier object of ${name} to be gone`);
        break;
      }
      this.records.set(recordId(record), record);
      if (record.state === 'Running') waiting.push(`waiting for ${name} to end`);
      if (record.state === 'Failed') failures.push(`${name} failed: ${record.message}`);
    }
    const [firstWait] = waiting;
    const [firstFailure] = failures;
    if (firstWait !== undefined) return { kind: 'waiting', message: firstWait };
    if (firstFailure === undefined) return { kind: 'done' };
    const more = failures.length > 1 ? ` (and ${String(failures.length - 1)} more)` : '';
    return { kind: 'failed', message: `${firstFailure}${more}` };
  }

  /** The first hook of an earlier operation that has not ended: what it does must not be done twice at the same time. */
  async stillRuns(): Promise<string | undefined> {
    for (const record of this.records.values()) {
      if (this.isOwn(record) || record.released || record.state !== 'Running') continue;
      const live = await this.read(record);
      if (live === undefined || live.metadata.deletionTimestamp !== undefined) continue;
      const { state } = await stateOf(this.context.health, live);
      if (state !== 'Running') continue;
      return `waiting for hook ${labelOf(record.key)} (${record.phase}) of an earlier operation to end`;
    }
    return undefined;
  }

  /** Lets go of what earlier operations that were given up still hold. */
  async releaseEarlier(): Promise<void> {
    for (const [id, record] of this.records) {
      if (this.isOwn(record) || record.released) continue;
      const gone = (await this.end(record, undefined)) === 'gone';
      if (gone) this.records.delete(id);
      else this.records.set(id, { ...record, released: true });
    }
  }

  /** Lets go of the hooks of this operation, and deletes those whose policy says so. To be called once every end is stored. */
  async clearUp(hooks: readonly HookTarget[]): Promise<void> {
    const policies = new Map(hooks.map((hook) => [this.idOf(namedHook(hook, this.owner)), hook]));
    for (const record of this.own()) {
      if (record.released) continue;
      const hook = policies.get(recordId(record));
      const policy = record.state === 'Failed' ? 'HookFailed' : 'HookSucceeded';
      const goes = hook?.policies.includes(policy) === true && record.state !== 'Running';
      await this.end(record, goes ? propagationOf(hook.options, record.key) : undefined);
      this.records.set(recordId(record), { ...record, released: true });
    }
  }

  /** Deletes the object of every hook that is remembered; answers whether all are gone. */
  async removeAll(options: SyncOptions): Promise<boolean> {
    for (const [id, record] of this.records) {
      const outcome = await this.end(record, propagationOf(options, record.key));
      if (outcome === 'gone') this.records.delete(id);
    }
    return this.records.size === 0;
  }

  /** The record of a hook after a look at it; `undefined` where something must be gone first. */
  private async ask(hook: HookTarget): Promise<HookRecord | undefined> {
    const before = this.records.get(this.idOf(hook));
    if (before !== undefined && before.state !== 'Running') return before;
    const { context, owner } = this;
    const sight = await runHook(context.client, hook, {
      application: owner.application,
      run: `${String(owner.startedAtMs)}.${hook.phase}`,
      uid: before === undefined || before.uid === '' ? undefined : before.uid,
      fieldManager: FIELD_MANAGER,
      finalizer: !context.cluster.isHub,
      onWrite: async () => context.lease.assertHeld(),
      signal: context.signal,
    });
    return sight.kind === 'waiting' ? undefined : this.recordOf(hook, sight, before?.uid ?? '');
  }

  private async recordOf(
    hook: HookTarget,
    sight: Exclude<HookSight, { kind: 'waiting' }>,
    uid: string,
  ): Promise<HookRecord> {
    const { phase, key, version } = hook;
    const base = { startedAtMs: this.owner.startedAtMs, phase, key, version };
    if (sight.kind === 'failed') return { ...base, uid, state: 'Failed', message: sight.message, released: uid === '' };
    const found = await stateOf(this.context.health, sight.live);
    const isDying = found.state === 'Running' && sight.live.metadata.deletionTimestamp !== undefined;
    const end = isDying ? { state: 'Failed' as const, message: 'it was deleted before it had ended' } : found;
    return { ...base, uid: sight.live.metadata.uid ?? '', ...end, released: false };
  }

  private async read(record: HookRecord): Promise<KubeObject | undefined> {
    const { client, signal } = this.context;
    const { group, kind } = record.key;
    const resource = await client.resolve({ group, kind, version: record.version }, { signal });
    const live = resource === undefined ? undefined : await client.get(resource, record.key, { signal });
    return live?.metadata.uid === record.uid ? live : undefined;
  }

  private end(
    { key, version, uid }: HookRecord,
    propagation: ReturnType<typeof propagationOf> | undefined,
  ): ReturnType<typeof endHook> {
    if (uid === '') return Promise.resolve('gone');
    return endHook(this.context.client, key, {
      version,
      uid,
      onWrite: async () => this.context.lease.assertHeld(),
      signal: this.context.signal,
      ...(propagation === undefined ? {} : { propagation }),
    });
  }

  private own(): readonly HookRecord[] {
    return [...this.records.values()].filter((record) => this.isOwn(record));
  }

  private isOwn({ startedAtMs }: HookRecord): boolean {
    return startedAtMs === this.owner.startedAtMs;
  }

  private idOf(hook: HookTarget): string {
    return `${String(this.owner.startedAtMs)} ${hookId(hook)}`;
  }
}

function recordId({ startedAtMs, phase, key }: HookRecord): string {
  return `${String(startedAtMs)} ${phase} ${formatResourceKey(key)}`;
}

/** Healthy, or of a kind without a rule: it has ended well. */
async function stateOf(judge: Judge, live: KubeObject): Promise<Pick<HookRecord, 'state' | 'message'>> {
  await judge.prepare([live]);
  const health = judge.judge(live, { hook: true });
  if (health === undefined || health.status === 'Healthy') return { state: 'Succeeded', message: '' };
  const isLost = health.status === 'Degraded' || health.status === 'Unknown';
  return { state: isLost ? 'Failed' : 'Running', message: health.message };
}
