// The hub as one value that starts and stops: the process and its tests use the same one.
import 'reflect-metadata';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Users } from '@wheelwright/access/adapters';
import { NestLogger } from '@wheelwright/platform-telemetry';
import { ensureHubCluster } from '@wheelwright/registry/adapters';
import { AppModule } from './app.module.js';
import { Readiness } from './health/readiness.js';
import { serveApiDocs } from './http/api-docs.js';
import { createServer } from './http/server.js';
import type { HubParts } from './parts.js';

/** How long running requests may take to end once the hub is asked to stop. */
const DRAIN_MS = 7_000;

export interface Hub {
  readonly app: NestFastifyApplication;
  /** `http://host:port`. */
  readonly url: string;
  /** The password made for the first administrator, where one had to be made: to be shown once; it is kept nowhere. */
  readonly generatedPassword?: string;
  /** Stops taking requests, lets running ones end (at most seven seconds), closes everything. */
  stop(): Promise<void>;
}

/** Composes and initialises the application without listening. A handler without a policy stops it here. */
export async function createHub(parts: HubParts): Promise<NestFastifyApplication> {
  const server = createServer(parts);

  const options: NestApplicationOptions = {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLogger(parts.logger),
  };
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(parts), server, options);
  serveApiDocs(app);
  await app.init();
  return app;
}

/** Starts the hub. It has an administrator before it listens, so that whoever finds it ready can log in. */
export async function startHub(parts: HubParts): Promise<Hub> {
  const { config } = parts;
  await ensureHubCluster(parts.store);
  const app = await createHub(parts);
  const administrator = await app.get(Users).ensureFirstAdministrator(config.adminPassword?.reveal());
  await app.listen(config.port, config.host);
  return { ...administrator, app, url: addressOf(app), stop: () => stopHub(app) };
}

function addressOf(app: NestFastifyApplication): string {
  const address = app.getHttpServer().address();
  if (address === null || typeof address === 'string') throw new Error('the hub does not listen on a port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${String(address.port)}`;
}

async function stopHub(app: NestFastifyApplication): Promise<void> {
  app.get(Readiness).drain();
  // What still runs after the deadline is cut off: the process must end.
  const cut = setTimeout(() => {
    app.getHttpServer().closeAllConnections();
  }, DRAIN_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}
