// Scripts in, their answers out: one thread, one run after the other, and an end to what takes too long.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ScriptAnswer, ScriptRun, ScriptRunner } from '../ports.js';

/** What one run may take. */
export interface LuaLimits {
  readonly timeoutMs: number;
  /** What a script may allocate beyond the object and the libraries. */
  readonly memoryBytes: number;
  /** Characters of a message. */
  readonly messageLength: number;
}

export const LUA_LIMITS: LuaLimits = { timeoutMs: 1_000, memoryBytes: 32 * 1024 * 1024, messageLength: 2_048 };

/** What a thread may take beyond the time of a script: to make a state and the object in it, and to notice that the time is over. */
const GRACE_MS = 500;

/** `broken`: nothing is known of what the run left in the thread. */
type ThreadAnswer = ScriptAnswer & { readonly broken?: true };

/** Runs Lua in a thread of its own, which is started on first use, and anew after a run that it could not end. */
export class LuaRunner implements ScriptRunner {
  private thread: Worker | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly limits: LuaLimits = LUA_LIMITS) {}

  run(run: ScriptRun): Promise<ScriptAnswer> {
    const answer = this.last.then(() => this.runNow(run));
    this.last = answer;
    return answer;
  }

  /** Ends the thread; a run that is under way ends with an error. */
  async close(): Promise<void> {
    const { thread } = this;
    this.thread = undefined;
    await thread?.terminate();
  }

  private async runNow(run: ScriptRun): Promise<ScriptAnswer> {
    try {
      const thread = (this.thread ??= await this.start());
      const { broken, ...answer } = await this.ask(thread, run);
      if (broken === true || (answer.kind === 'error' && answer.timedOut === true)) await this.close();
      return answer;
    } catch (error) {
      await this.close();
      return { kind: 'error', message: error instanceof Error ? error.message : 'it failed' };
    }
  }

  private ask(thread: Worker, { script, openLibs, object }: ScriptRun): Promise<ThreadAnswer> {
    return new Promise((resolve) => {
      const settle = (answer: ThreadAnswer): void => {
        clearTimeout(timer);
        thread.off('message', settle).off('error', failed).off('exit', ended);
        resolve(answer);
      };
      const failed = (error: Error): void => settle({ kind: 'error', message: error.message, broken: true });
      const ended = (): void => settle({ kind: 'error', message: 'its thread ended', broken: true });
      const { timeoutMs } = this.limits;
      const overdue: ThreadAnswer = {
        kind: 'error',
        message: `it ran for more than ${timeoutMs} ms`,
        timedOut: true,
        broken: true,
      };
      const timer = setTimeout(() => settle(overdue), timeoutMs + GRACE_MS);
      thread.on('message', settle).on('error', failed).on('exit', ended);
      thread.postMessage({ script, openLibs, object });
    });
  }

  private async start(): Promise<Worker> {
    const thread = new Worker(new URL('./lua-thread.mjs', import.meta.url), { workerData: this.limits });
    // Its first message says that it is ready; only then the time of a run begins.
    await once(thread, 'message');
    thread.unref();
    return thread;
  }
}
