// One real API server over etcd, and its own count of the requests that reached it.
import { startEnvtest, type Envtest } from '@wheelwright/testing';
import { Agent, request } from 'undici';
import { BenchError } from './waiting.js';

const COUNTER = /^apiserver_request_total\{([^}]*)\} (\d+)/;
const CALL_MS = 30_000;
/** What the product asks for; the rest is housekeeping of the server. */
const COUNTED = /^(?:configmaps|namespaces|selfsubjectaccessreviews|)$/;
const OWN_VERBS = new Set(['WATCH', 'CONNECT']);

/** Requests by verb; dry runs count as `DRY`, whatever they tried. */
export type Requests = Readonly<Record<string, number>>;

export class RealSpoke {
  readonly #agent: Agent;

  private constructor(private readonly server: Envtest) {
    this.#agent = new Agent({ connect: { ca: server.caData } });
  }

  static async start(): Promise<RealSpoke> {
    return new RealSpoke(await startEnvtest());
  }

  /** What a registration says of it. */
  get registration(): object {
    const { url, caData, token } = this.server;
    return {
      name: 'real',
      server: url,
      tls: { caData: Buffer.from(caData).toString('base64') },
      credentials: { bearerToken: token },
    };
  }

  /** Requests for ConfigMaps and Namespaces since the server started, without its own. */
  async requests(): Promise<Requests> {
    const counts: Record<string, number> = {};
    for (const line of (await this.text('/metrics')).split('\n')) {
      const [, labels, value] = COUNTER.exec(line) ?? [];
      if (labels === undefined || value === undefined) continue;
      const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
      if (!COUNTED.test(label('resource')) || label('resource') === '' || OWN_VERBS.has(label('verb'))) continue;
      const verb = label('dry_run') === '' ? label('verb') : 'DRY';
      counts[verb] = (counts[verb] ?? 0) + Number(value);
    }
    return counts;
  }

  async version(): Promise<string> {
    return (JSON.parse(await this.text('/version')) as { gitVersion: string }).gitVersion;
  }

  async stop(): Promise<void> {
    await this.#agent.destroy();
    await this.server.stop();
  }

  private async text(path: string): Promise<string> {
    const { url, token } = this.server;
    const answer = await request(`${url}${path}`, {
      dispatcher: this.#agent,
      headers: { authorization: `Bearer ${token}` },
      headersTimeout: CALL_MS,
      bodyTimeout: CALL_MS,
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new BenchError(`${path}: HTTP ${String(answer.statusCode)}`);
    return text;
  }
}

/** What came to the counts between two looks. */
export function requestsBetween(before: Requests, after: Requests): Requests {
  return Object.fromEntries(
    Object.entries(after).flatMap(([verb, count]) => {
      const more = count - (before[verb] ?? 0);
      return more === 0 ? [] : [[verb, more]];
    }),
  );
}
