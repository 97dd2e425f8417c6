// A real kube-apiserver (several, if asked) over one etcd, as a resource of a test: free ports, deadlines, nothing left behind.
import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '@wheelwright/spoke-sim';
import { Agent, request } from 'undici';
// Plain Node, so that it also runs before anything is built.
import { findEnvtest, type EnvtestResult } from '../../../tools/envtest.mjs';

export { findEnvtest, type EnvtestResult };

const READY_MS = 90_000;
const STOP_MS = 10_000;
const TAIL = 4_000;

/** One API server: what a client needs to reach it as an administrator. */
export interface EnvtestCluster {
  readonly url: string;
  /** PEM of the authority that signed its certificate. */
  readonly caData: string;
  /** Bearer token of `system:masters`. */
  readonly token: string;
  /** Creates a namespace with a name of its own and answers the name. */
  createNamespace(prefix?: string): Promise<string>;
  /** Stops and starts the API server on the same port: it forgets what it has seen, as after a compaction. */
  restart(): Promise<void>;
  /** Every request that was answered so far, as the audit log of the server has it, without its own housekeeping. */
  audit(): Promise<readonly AuditEvent[]>;
  stop(): Promise<void>;
}

/** One line of the audit log. */
export interface AuditEvent {
  /** Such as `get`, `list`, `create`, `patch`, `delete`. */
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly responseStatus?: { readonly code: number };
}

/** Who asked for what, once it was answered. Bodies are not kept. */
const AUDIT_POLICY = JSON.stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [{ level: 'None', users: ['system:apiserver'] }, { level: 'Metadata' }],
});

/** The first cluster, and the way to more of them over the same etcd. */
export interface Envtest extends EnvtestCluster {
  /** Starts one more API server whose objects live under a prefix of their own. */
  newCluster(prefix: string): Promise<EnvtestCluster>;
}

/** Starts etcd and one kube-apiserver. Throws with the reason where {@link findEnvtest} finds no binaries. */
export async function startEnvtest(): Promise<Envtest> {
  const found = findEnvtest();
  if (found.folder === undefined) throw new Error(found.reason);
  const home = await mkdtemp(join(tmpdir(), 'wheelwright-envtest-'));
  const [port, peerPort] = [await freePort(), await freePort()];
  const etcdUrl = `http://127.0.0.1:${String(port)}`;
  const etcd = new Child(join(found.folder, 'etcd'), [
    `--data-dir=${join(home, 'etcd')}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=http://127.0.0.1:${String(peerPort)}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${String(peerPort)}`,
    `--initial-cluster=default=http://127.0.0.1:${String(peerPort)}`,
    '--unsafe-no-fsync=true',
  ]);
  const clusters: ApiServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(clusters.map((cluster) => cluster.stop()));
    await etcd.stop();
    await rm(home, { recursive: true, force: true });
  };
  const newCluster = async (prefix: string): Promise<ApiServer> => {
    const server = new ApiServer({ folder: found.folder, home, etcdUrl, prefix });
    clusters.push(server);
    await server.start();
    return server;
  };
  try {
    etcd.start();
    await etcd.until(async () => (await request(`${etcdUrl}/health`)).statusCode === 200);
    const first = await newCluster('first');
    return {
      url: first.url,
      caData: first.caData,
      token: first.token,
      createNamespace: (prefix) => first.createNamespace(prefix),
      restart: () => first.restart(),
      audit: () => first.audit(),
      newCluster,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Place {
  readonly folder: string;
  readonly home: string;
  readonly etcdUrl: string;
  readonly prefix: string;
}

class ApiServer implements EnvtestCluster {
  readonly token = randomBytes(18).toString('base64url');
  private readonly certificates = makeCertificates();
  private readonly agent = new Agent({ connect: { ca: this.certificates.ca } });
  private child: Child | undefined;
  private port = 0;

  constructor(private readonly place: Place) {}

  get url(): string {
    return `https://127.0.0.1:${String(this.port)}`;
  }

  get caData(): string {
    return this.certificates.ca;
  }

  private get auditLog(): string {
    return join(this.place.home, `${this.place.prefix}-audit.log`);
  }

  async audit(): Promise<readonly AuditEvent[]> {
    const text = await readFile(this.auditLog, 'utf8').catch(() => '');
    // The last line may be half written.
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AuditEvent);
  }

  async start(): Promise<void> {
    this.port = await freePort();
    const at = (name: string): string => join(this.place.home, `${this.place.prefix}-${name}`);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await writeFile(at('accounts.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
    await writeFile(at('tokens.csv'), `${this.token},admin,admin,system:masters\n`, { mode: 0o600 });
    await writeFile(at('audit.json'), AUDIT_POLICY);
    await writeFile(at('server.crt'), this.certificates.cert);
    await writeFile(at('server.key'), this.certificates.key, { mode: 0o600 });
    this.child = new Child(join(this.place.folder, 'kube-apiserver'), [
      `--etcd-servers=${this.place.etcdUrl}`,
      `--etcd-prefix=/${this.place.prefix}`,
      `--secure-port=${String(this.port)}`,
      '--bind-address=127.0.0.1',
      `--cert-dir=${at('certs')}`,
      `--tls-cert-file=${at('server.crt')}`,
      `--tls-private-key-file=${at('server.key')}`,
      `--token-auth-file=${at('tokens.csv')}`,
      '--anonymous-auth=false',
      '--authorization-mode=RBAC',
      `--service-account-key-file=${at('accounts.key')}`,
      `--service-account-signing-key-file=${at('accounts.key')}`,
      `--service-account-issuer=${this.url}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--disable-admission-plugins=ServiceAccount',
      '--endpoint-reconciler-type=none',
      `--audit-policy-file=${at('audit.json')}`,
      `--audit-log-path=${this.auditLog}`,
    ]);
    await this.launch();
  }

  async restart(): Promise<void> {
    await this.child?.stop();
    await this.launch();
  }

  async createNamespace(prefix = 'test'): Promise<string> {
    const name = `${prefix}-${randomBytes(4).toString('hex')}`;
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const status = await this.call('/api/v1/namespaces', body);
    if (status !== 201) throw new Error(`the namespace ${name} was not created: HTTP ${String(status)}`);
    return name;
  }

  async stop(): Promise<void> {
    await this.child?.stop();
    await this.agent.close();
  }

  private async launch(): Promise<void> {
    const child = this.child;
    if (child === undefined) throw new Error('start the server first');
    child.start();
    await child.until(async () => (await this.call('/readyz')) === 200);
  }

  private async call(path: string, body?: string): Promise<number> {
    const response = await request(`${this.url}${path}`, {
      dispatcher: this.agent,
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      headersTimeout: 5_000,
      bodyTimeout: 5_000,
      ...(body === undefined ? {} : { body }),
    });
    await response.body.dump();
    return response.statusCode;
  }
}

/** A program that must not outlive this process. */
class Child {
  private process: ChildProcess | undefined;
  private output = '';
  private readonly kill = (): void => {
    this.process?.kill('SIGKILL');
  };

  constructor(
    private readonly program: string,
    private readonly args: readonly string[],
  ) {}

  start(): void {
    this.output = '';
    const child = spawn(this.program, this.args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString('utf8')).slice(-TAIL);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => keep(Buffer.from(error.message)));
    this.process = child;
    process.once('exit', this.kill);
  }

  /** Waits until a probe says yes; a probe that throws says no. Throws with the end of the output when time is up. */
  async until(probe: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + READY_MS;
    while (Date.now() < deadline && this.isRunning()) {
      if (await probe().catch(() => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${this.program} did not become ready; the end of its output:\n${this.output}`);
  }

  async stop(): Promise<void> {
    process.off('exit', this.kill);
    const child = this.process;
    if (child === undefined || !this.isRunning()) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(this.kill, STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  private isRunning(): boolean {
    return this.process !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no free port'));
        else resolve(address.port);
      });
    });
  });
}
