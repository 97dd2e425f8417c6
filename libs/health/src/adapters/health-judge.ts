// Live objects in, their health out: by the checks of users where there are any, else by the rules of the room.
import { digestOf, gvkOf, type KubeObject } from '@wheelwright/kernel';
import { judge, needsBody } from '../judge.js';
import type { ScriptRunner } from '../ports.js';
import { healthOfScript } from '../script-health.js';
import type { Health, HealthContext } from '../types.js';
import { userCheckFinder, type UserCheck } from '../user-checks.js';
import { progressing, unknown } from '../verdict.js';

/** Verdicts of user checks that are remembered, over all spokes. */
const MAX_REMEMBERED = 20_000;
/** A check that ran out of time on so many objects in a row is not run until it is changed: it would hold up everything else. */
const MAX_TIMEOUTS = 3;

/** How objects are judged, with the checks of users. `prepare` runs those, so that `judge` need not wait. */
export interface Judge {
  /** Runs the checks of users for objects that they have not seen in this version. Call it before {@link judge}. */
  prepare(objects: readonly KubeObject[]): Promise<void>;
  /** As `judge` of the core. An object of which a user's check was not prepared is Progressing. */
  judge(object: KubeObject, context?: HealthContext): Health | undefined;
  /** As `needsBody` of the core. */
  needsBody(group: string, kind: string): boolean;
}

/** The rules of the room, without any check of users. */
export const BUILT_IN_JUDGE: Judge = { prepare: async () => undefined, judge, needsBody };

/** Verdicts by check and version of an object. One for the whole process: it outlives changes of the checks. */
export class RememberedVerdicts {
  private readonly verdicts = new Map<string, Health | undefined>();
  private readonly timeouts = new Map<string, number>();

  /** How often a check ran out of time since it last ended by itself. */
  timeoutsOf(check: UserCheck): number {
    return this.timeouts.get(check.digest) ?? 0;
  }

  noteRun(check: UserCheck, outcome: 'timedOut' | 'ended'): void {
    if (outcome === 'timedOut') this.timeouts.set(check.digest, this.timeoutsOf(check) + 1);
    else this.timeouts.delete(check.digest);
  }

  has(key: string): boolean {
    return this.verdicts.has(key);
  }

  get(key: string): Health | undefined {
    return this.verdicts.get(key);
  }

  set(key: string, health: Health | undefined): void {
    this.verdicts.delete(key);
    this.verdicts.set(key, health);
    if (this.verdicts.size <= MAX_REMEMBERED) return;
    const [oldest] = this.verdicts.keys();
    if (oldest !== undefined) this.verdicts.delete(oldest);
  }
}

/** Precedence: the check of a user that names the kind, one whose pattern matches it, the rule of the room. */
export class HealthJudge implements Judge {
  private readonly find: (group: string, kind: string) => UserCheck | undefined;

  constructor(
    checks: readonly UserCheck[],
    private readonly runner: ScriptRunner,
    private readonly remembered: RememberedVerdicts = new RememberedVerdicts(),
  ) {
    this.find = userCheckFinder(checks);
  }

  async prepare(objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) {
      const check = this.checkOf(object);
      if (check === undefined) continue;
      const key = keyOf(check, object);
      if (!this.remembered.has(key)) this.remembered.set(key, await this.run(check, object));
    }
  }

  private async run(check: UserCheck, object: KubeObject): Promise<Health | undefined> {
    if (this.remembered.timeoutsOf(check) >= MAX_TIMEOUTS)
      return unknown('lua error: the check ran out of time too often, and is not run until it is changed');
    const { script, openLibs } = check;
    const answer = await this.runner.run({ script, openLibs, object });
    const isTimedOut = answer.kind === 'error' && answer.timedOut === true;
    this.remembered.noteRun(check, isTimedOut ? 'timedOut' : 'ended');
    return healthOfScript(answer);
  }

  judge(object: KubeObject, context: HealthContext = { hook: false }): Health | undefined {
    const check = this.checkOf(object);
    if (check === undefined || (isGoing(object) && !context.hook)) return judge(object, context);
    const key = keyOf(check, object);
    return this.remembered.has(key) ? this.remembered.get(key) : progressing('its health check has not run yet');
  }

  needsBody(group: string, kind: string): boolean {
    return needsBody(group, kind) || this.find(group, kind) !== undefined;
  }

  private checkOf(object: KubeObject): UserCheck | undefined {
    const { group, kind } = gvkOf(object);
    return this.find(group, kind);
  }
}

function isGoing(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** An object without a version, such as one that was never stored, is its content. */
function keyOf({ digest }: UserCheck, object: KubeObject): string {
  const { uid = '', resourceVersion = '' } = object.metadata;
  const version = uid === '' || resourceVersion === '' ? digestOf({ ...object }) : `${uid} ${resourceVersion}`;
  return `${digest} ${version}`;
}
