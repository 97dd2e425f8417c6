// Simulated spokes in processes of their own, and what they tell of the requests that reached them.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ObjectRef, RequestCounts, SpokeView, WriteRecord } from '@wheelwright/spoke-sim';
import { Agent, request } from 'undici';
import { inParallel } from './waiting.js';

/** Spokes in one process: more would make the simulator's one thread the bottleneck. */
const SPOKES_PER_PROCESS = 100;
const START_MS = 30_000;
const CALL_MS = 30_000;
const STOP_MS = 5_000;
const WIDTH = 8;

interface Ready {
  readonly url: string;
  readonly caData: string;
  readonly controlToken: string;
  readonly clusters: readonly SpokeView[];
}

/** How a spoke is registered and controlled. */
export interface Spoke {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly caData: string;
}

/** Calls by verb, summed over all spokes. */
export type Requests = Readonly<Record<string, number>>;

interface Home {
  readonly child: ChildProcess;
  readonly ready: Ready;
  readonly agent: Agent;
}

/** The load generator of the experiments: it stands for the API servers of the fleet, and counts what reaches them. */
export class Spokes {
  private constructor(private readonly homes: readonly Home[]) {}

  /** Starts `count` spokes over TLS. `mainFile` is the simulator's main.js. */
  static async start(count: number, mainFile: string): Promise<Spokes> {
    const homes: Home[] = [];
    const spokes = new Spokes(homes);
    try {
      for (let left = count; left > 0; left -= SPOKES_PER_PROCESS)
        homes.push(
          await startHome(mainFile, {
            count: Math.min(left, SPOKES_PER_PROCESS),
            prefix: `spoke-${String(homes.length + 1)}`,
          }),
        );
      return spokes;
    } catch (error) {
      await spokes.stop();
      throw error;
    }
  }

  get pids(): readonly number[] {
    return this.homes.map(({ child }) => child.pid ?? 0);
  }

  get all(): readonly Spoke[] {
    return this.homes.flatMap(({ ready }) =>
      ready.clusters.map(({ name, url, token }) => ({ name, url, token, caData: ready.caData })),
    );
  }

  /** Sum of the requests of all spokes by verb since the last {@link resetCounts}. */
  async counts(): Promise<Requests> {
    const sum: Record<string, number> = {};
    const each = await this.forEach('GET', 'counts');
    for (const counts of each as readonly RequestCounts[])
      for (const [verb, number] of Object.entries(counts)) sum[verb] = (sum[verb] ?? 0) + number;
    return sum;
  }

  /** Starts the counts and the logs of writes anew. */
  async resetCounts(): Promise<void> {
    await this.forEach('DELETE', 'counts');
  }

  /** The writes that one spoke carried out since the last {@link resetCounts}. */
  async writes(name: string): Promise<readonly WriteRecord[]> {
    return (await this.control('GET', name, { command: 'writes' })) as readonly WriteRecord[];
  }

  /** Changes an object by hand, by a JSON merge patch. */
  async edit(name: string, ref: ObjectRef, merge: unknown): Promise<void> {
    await this.control('POST', name, { command: 'edit', body: { ...ref, merge } });
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.homes.map(async ({ child, agent }) => {
        await agent.destroy();
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
        await ended;
        clearTimeout(timer);
      }),
    );
  }

  private forEach(method: 'GET' | 'DELETE', command: string): Promise<unknown[]> {
    return inParallel(this.all, WIDTH, ({ name }) => this.control(method, name, { command }));
  }

  private async control(
    method: 'GET' | 'POST' | 'DELETE',
    name: string,
    { command, body }: { readonly command: string; readonly body?: unknown },
  ): Promise<unknown> {
    const home = this.homes.find(({ ready }) => ready.clusters.some((cluster) => cluster.name === name));
    if (home === undefined) throw new Error(`there is no spoke ${name}`);
    const { ready, agent } = home;
    const answer = await request(new URL(`/__sim/clusters/${name}/${command}`, ready.url), {
      method,
      dispatcher: agent,
      headers: { authorization: `Bearer ${ready.controlToken}` },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: CALL_MS,
      bodyTimeout: CALL_MS,
    });
    const value: unknown = await answer.body.json();
    if (answer.statusCode !== 200)
      throw new Error(`spoke ${name}, ${command}: ${String(answer.statusCode)} ${JSON.stringify(value)}`);
    return value;
  }
}

async function startHome(
  mainFile: string,
  { count, prefix }: { readonly count: number; readonly prefix: string },
): Promise<Home> {
  const argv = [mainFile, '--clusters', String(count), '--prefix', prefix, '--tls'];
  // It ends when its standard input does, so it never outlives this process.
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error('the simulated spokes did not start in time'));
    }, START_MS);
    createInterface({ input: child.stdout }).once('line', (text) => {
      clearTimeout(timer);
      resolve(text);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the simulated spokes ended with code ${String(code)}`));
    });
  });
  // Our own simulator wrote this line.
  const ready = JSON.parse(line) as Ready;
  const agent = new Agent({ connect: { ca: ready.caData } });
  return { child, ready, agent };
}
