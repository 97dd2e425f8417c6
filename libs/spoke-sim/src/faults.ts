// Faults on demand: what a test asks for in, what happens to a request out.
import { forbidden, tooManyRequests, unauthorized, type ApiError } from './api-error.js';

/** How a spoke misbehaves. An absent field means it does not. */
export interface FaultSettings {
  /** Milliseconds that each answer waits. */
  readonly latencyMs?: number;
  /** 429 for the next `requests`, or for a share of all (`ratio`, 0 to 1). */
  readonly throttle?: { readonly requests?: number; readonly ratio?: number; readonly retryAfterSeconds?: number };
  /** 401 for every request, whatever its token. */
  readonly unauthorized?: boolean;
  /** 403 for these verbs (`get list watch create update patch apply delete`). */
  readonly forbiddenVerbs?: readonly string[];
  /** Cuts the connection of the next `requests`, or of a share of all, once the request is read. `after`: the write is done, its answer is lost. */
  readonly drop?: { readonly requests?: number; readonly ratio?: number; readonly when?: 'before' | 'after' };
  /** Every connection is reset. */
  readonly down?: boolean;
  /** Answers wait until this is set otherwise: `before` the request is handled, or `after`. */
  readonly hold?: 'before' | 'after' | 'none';
  /** 500 for the next `requests`, or for a share of all. */
  readonly fail?: { readonly requests?: number; readonly ratio?: number };
}

/** What to do with one request. */
export type Verdict =
  | { readonly kind: 'serve' }
  | { readonly kind: 'refuse'; readonly error: ApiError }
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  | { readonly kind: 'fail' };

interface Budget {
  readonly requests?: number;
  readonly ratio?: number;
}

/** The faults of one spoke. */
export class Faults {
  private settings: FaultSettings = {};
  private readonly left = new Map<string, number>();
  private readonly waiting = new Set<() => void>();
  private sequence = 0;

  /** Replaces all faults at once; `{}` ends them and lets held answers go. */
  set(settings: FaultSettings): void {
    this.settings = settings;
    for (const name of ['throttle', 'drop', 'fail'] as const) this.left.set(name, settings[name]?.requests ?? 0);
    const held = [...this.waiting];
    this.waiting.clear();
    for (const release of held) release();
  }

  /** Ends all faults. */
  clear(): void {
    this.set({});
  }

  /** The faults as they were set. */
  get(): FaultSettings {
    return this.settings;
  }

  /** Number of requests that are held now. */
  held(): number {
    return this.waiting.size;
  }

  get isDown(): boolean {
    return this.settings.down === true;
  }

  get latencyMs(): number {
    return this.settings.latencyMs ?? 0;
  }

  /** Decides about one request. `verb` as in the request counts. */
  judge(verb: string): Verdict {
    const { throttle, drop, fail } = this.settings;
    if (this.settings.unauthorized === true) return { kind: 'refuse', error: unauthorized() };
    if (throttle !== undefined && this.spend('throttle', throttle)) {
      return { kind: 'refuse', error: tooManyRequests(throttle.retryAfterSeconds ?? 1) };
    }
    if (drop !== undefined && this.spend('drop', drop)) return { kind: 'drop', when: drop.when ?? 'before' };
    if (fail !== undefined && this.spend('fail', fail)) return { kind: 'fail' };
    if (this.settings.forbiddenVerbs?.includes(verb) === true) {
      return { kind: 'refuse', error: forbidden({ group: '', resource: verb, name: '' }, `the token may not ${verb}`) };
    }
    return { kind: 'serve' };
  }

  /** Waits while answers are held at this point. Settles at once where they are not. */
  async passHold(point: 'before' | 'after'): Promise<void> {
    while (this.settings.hold === point) {
      await new Promise<void>((resolve) => {
        this.waiting.add(resolve);
      });
    }
  }

  /** Whether a budgeted fault hits this request. Shares are spread evenly, so that runs are repeatable. */
  private spend(name: string, budget: Budget): boolean {
    const left = this.left.get(name) ?? 0;
    if (left > 0) {
      this.left.set(name, left - 1);
      return true;
    }
    const ratio = budget.ratio ?? 0;
    if (ratio <= 0) return false;
    this.sequence += 1;
    return Math.floor(this.sequence * ratio) > Math.floor((this.sequence - 1) * ratio);
  }
}
