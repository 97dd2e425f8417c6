// One jq thread that is started when it is needed and killed when a program overruns.
import { Worker } from 'node:worker_threads';

/** What came of one program. `overran`: it was killed. */
export type ThreadAnswer =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'overran' };

/** The same relative place from the sources and from the build. */
const SCRIPT = new URL('../thread/jq-thread.mjs', import.meta.url);
/** How long the runtime may take to load, beside whatever else the machine does. */
const START_MS = 30_000;

/** Runs programs one after another. It keeps no process alive. */
export class JqThread {
  private worker: Promise<Worker> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly limitMs: number) {}

  /** Runs a program on a JSON text. */
  run(program: string, json: string): Promise<ThreadAnswer> {
    const answer = this.last.then(() => this.runNow(program, json));
    this.last = answer.catch(() => undefined);
    return answer;
  }

  /** Ends the thread; a later program starts another one. */
  async close(): Promise<void> {
    await this.last;
    await this.drop();
  }

  private async runNow(program: string, json: string): Promise<ThreadAnswer> {
    this.worker ??= start();
    const worker = await this.worker.catch(async (error: unknown) => {
      this.worker = undefined;
      throw error;
    });
    const answer = next(worker, this.limitMs);
    worker.ref();
    worker.postMessage({ program, json });
    const message = await answer;
    worker.unref();
    if (message === undefined || message.broken) await this.drop();
    if (message === undefined) return { kind: 'overran' };
    return message.text === undefined
      ? { kind: 'error', message: message.error }
      : { kind: 'text', text: message.text };
  }

  private async drop(): Promise<void> {
    const worker = await this.worker?.catch(() => undefined);
    this.worker = undefined;
    await worker?.terminate();
  }
}

interface Message {
  readonly text?: string;
  readonly error: string;
  readonly broken: boolean;
}

async function start(): Promise<Worker> {
  // Neither the environment nor the output of this process is any business of an expression.
  const worker = new Worker(SCRIPT, {
    env: {},
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  });
  if ((await next(worker, START_MS)) === undefined) {
    await worker.terminate();
    throw new Error('the jq thread did not start in time');
  }
  worker.unref();
  return worker;
}

/** The next message of a thread; `undefined` where it takes too long or dies. */
function next(worker: Worker, limitMs: number): Promise<Message | undefined> {
  return new Promise((resolve) => {
    const done = (message: Message | undefined): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onEnd).off('exit', onEnd);
      resolve(message);
    };
    const onMessage = (message: unknown): void => done(read(message));
    const onEnd = (): void => done({ error: 'the jq thread died', broken: true });
    const timer = setTimeout(() => done(undefined), limitMs);
    worker.on('message', onMessage).on('error', onEnd).on('exit', onEnd);
  });
}

function read(message: unknown): Message {
  if (typeof message !== 'object' || message === null) return { error: '', broken: false };
  const error = 'error' in message && typeof message.error === 'string' ? message.error : '';
  const broken = 'broken' in message && message.broken === true;
  return 'text' in message && typeof message.text === 'string'
    ? { text: message.text, error, broken }
    : { error, broken };
}
