// Simulated spokes in a process of their own, reached by hand through the simulator's control endpoint.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { FaultSettings, ObjectRef, WriteRecord } from '@wheelwright/spoke-sim';
import type { KubeObject } from '@wheelwright/kernel';
import { Agent, request } from 'undici';
import { stopPid } from '../../../../tools/lib/processes.mjs';
import { inRoot } from './root.js';

const START_MS = 20_000;
const CALL_MS = 10_000;
const STOP_MS = 3_000;

interface Ready {
  readonly url: string;
  readonly caData: string;
  readonly controlToken: string;
}

/** A spoke, and the hands of somebody with all rights on it. */
export class Spoke {
  constructor(
    readonly name: string,
    readonly url: string,
    private readonly access: { readonly token: string; readonly caData: string; readonly sim: Spokes },
  ) {}

  /** What `POST /clusters` takes to register it. */
  registration(labels: Readonly<Record<string, string>>): object {
    const { token, caData } = this.access;
    return { name: this.name, server: this.url, labels, tls: { caData }, credentials: { bearerToken: token } };
  }

  get token(): string {
    return this.access.token;
  }

  /** Replaces all faults; `{}` ends them. */
  async misbehave(faults: FaultSettings): Promise<void> {
    await this.call('PUT', 'faults', faults);
  }

  /** Everything that was written through its API, oldest first. */
  async writes(): Promise<readonly WriteRecord[]> {
    return (await this.call('GET', 'writes')) as readonly WriteRecord[];
  }

  /** Number of requests whose answer is being held back. */
  async held(): Promise<number> {
    return ((await this.call('GET', 'faults')) as { readonly held: number }).held;
  }

  async get(ref: ObjectRef): Promise<KubeObject | undefined> {
    return (await this.call('POST', 'get', ref)) as KubeObject | undefined;
  }

  /** The `data.text` of a ConfigMap; undefined where there is none. */
  async text(namespace: string, name = 'settings'): Promise<string | undefined> {
    const object = await this.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name });
    return (object?.['data'] as { readonly text?: string } | undefined)?.text;
  }

  /** Changes an object as `kubectl edit` would. */
  async edit(ref: ObjectRef, merge: object): Promise<void> {
    await this.call('POST', 'edit', { ...ref, merge, manager: 'somebody' });
  }

  private async call(method: string, command: string, body?: object): Promise<unknown> {
    return this.access.sim.control(method, `clusters/${this.name}/${command}`, body);
  }
}

export class Spokes {
  private readonly agent: Agent;

  private constructor(
    private readonly child: ChildProcess,
    private readonly ready: Ready,
  ) {
    this.agent = new Agent({ connections: 4, connect: { ca: ready.caData } });
  }

  static async start(): Promise<Spokes> {
    const argv = [inRoot('libs/spoke-sim/dist/main.js'), '--clusters', '0', '--tls', '--delay-ms', '20'];
    const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const first = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the simulated spokes did not start in time')), START_MS);
      lines.once('line', resolve);
      child.once('exit', (code) => reject(new Error(`the simulated spokes ended with code ${String(code)}`)));
      lines.once('line', () => clearTimeout(timer));
    });
    return new Spokes(child, JSON.parse(first) as Ready);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** One more spoke. */
  async add(name: string): Promise<Spoke> {
    const view = (await this.control('POST', 'clusters', { name })) as { readonly url: string; readonly token: string };
    return new Spoke(name, view.url, { token: view.token, caData: this.ready.caData, sim: this });
  }

  /** One command of the control endpoint; `undefined` where there is no such thing. */
  async control(method: string, path: string, body?: object): Promise<unknown> {
    const response = await request(`${this.ready.url}/__sim/${path}`, {
      method: method as 'GET' | 'POST' | 'PUT',
      dispatcher: this.agent,
      headers: { authorization: `Bearer ${this.ready.controlToken}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await response.body.text();
    if (response.statusCode === 404 && text.includes('no such object')) return undefined;
    if (response.statusCode !== 200) throw new Error(`${method} ${path}: ${String(response.statusCode)} ${text}`);
    return JSON.parse(text);
  }

  async stop(): Promise<void> {
    await this.agent.destroy();
    await stopPid(this.pid, ['SIGTERM', 'SIGKILL'], STOP_MS);
  }
}
