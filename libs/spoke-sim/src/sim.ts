// The simulator: one listener for many spokes, told apart by the first part of the path.
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { makeCertificates } from './certificates.js';
import { SimulatedSpoke } from './cluster.js';
import { handleControl } from './control.js';
import { Controllers } from './controller.js';
import type { FaultSettings } from './faults.js';
import { handleRequest } from './handle.js';
import { WatchHub } from './watch.js';

export interface SpokeSimOptions {
  /** Serve over TLS with a throwaway authority. Default: plain HTTP. */
  readonly tls?: boolean;
  /** How long the controllers of the spokes take to react. Default 50 ms. */
  readonly controllerDelayMs?: number;
  /** Port on 127.0.0.1; 0 (the default) takes a free one. */
  readonly port?: number;
  /** Opens `/__sim/...` to requests with this bearer token. Closed by default. */
  readonly controlToken?: string;
}

export interface AddClusterOptions {
  /** Bearer token of the cluster; made up by default. */
  readonly token?: string;
}

/** A running simulator. */
export class SpokeSim {
  private readonly spokes = new Map<string, SimulatedSpoke>();

  constructor(
    /** Base address of the listener. */
    readonly url: string,
    /** PEM of the authority that clients verify with; undefined without TLS. */
    readonly caData: string | undefined,
    private readonly parts: {
      readonly controllers: Controllers;
      readonly watches: WatchHub;
      readonly stop: () => Promise<void>;
    },
  ) {}

  /** Adds a spoke. Its API is at `<url>/clusters/<name>`. */
  addCluster(name: string, options: AddClusterOptions = {}): SimulatedSpoke {
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(name))
      throw new Error(`"${name}" cannot be part of a path: use lower-case letters, digits, "-" and "."`);
    if (this.spokes.has(name)) throw new Error(`there is a spoke ${name} already`);
    const spoke = new SimulatedSpoke(name, `${this.url}/clusters/${name}`, options.token);
    this.spokes.set(name, spoke);
    this.parts.controllers.attach(spoke);
    return spoke;
  }

  /** A spoke by name. */
  cluster(name: string): SimulatedSpoke | undefined {
    return this.spokes.get(name);
  }

  clusters(): readonly SimulatedSpoke[] {
    return [...this.spokes.values()];
  }

  /** Cuts all open watches of a spoke. */
  cutWatches(spoke: SimulatedSpoke): void {
    this.parts.watches.cut(spoke.store);
  }

  /** Sets the faults of every spoke at once. */
  setFaults(faults: FaultSettings): void {
    for (const spoke of this.spokes.values()) spoke.faults.set(faults);
  }

  /** Stops listener, watches and controllers; held answers are let go. */
  async close(): Promise<void> {
    for (const spoke of this.spokes.values()) spoke.faults.clear();
    this.parts.controllers.close();
    this.parts.watches.close();
    await this.parts.stop();
  }
}

/** Starts a simulator without spokes. */
export async function startSpokeSim(options: SpokeSimOptions = {}): Promise<SpokeSim> {
  const certificates = options.tls === true ? makeCertificates() : undefined;
  const watches = new WatchHub();
  const controllers = new Controllers(options.controllerDelayMs ?? 50);
  // The first request comes only after this function has answered, when `sim` is set.
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    void dispatch({ sim, watches, controlToken: options.controlToken }, message, response);
  };
  const server =
    certificates === undefined
      ? createHttpServer(listener)
      : createHttpsServer({ cert: certificates.cert, key: certificates.key }, listener);
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 0;
  const stop = stopperOf(server);
  const port = await listen(server, options.port ?? 0);
  const url = `${certificates === undefined ? 'http' : 'https'}://127.0.0.1:${String(port)}`;
  const sim = new SpokeSim(url, certificates?.ca, { controllers, watches, stop });
  return sim;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the listener has no port'));
      else resolve(address.port);
    });
  });
}

function stopperOf(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}

interface Context {
  readonly sim: SpokeSim;
  readonly watches: WatchHub;
  readonly controlToken: string | undefined;
}

async function dispatch(context: Context, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(message.url ?? '/', 'http://spoke.invalid');
  const [, first = '', second = '', ...rest] = url.pathname.split('/');
  if (first === '__sim') {
    await handleControl(context, message, response);
    return;
  }
  const spoke = first === 'clusters' ? context.sim.cluster(second) : undefined;
  if (spoke === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    return;
  }
  await handleRequest(
    { spoke, path: `/${rest.join('/')}`, params: url.searchParams, message, response },
    context.watches,
  );
}
