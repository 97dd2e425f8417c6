// The hub as one value that starts and stops: the process and its tests use the same one.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Users } from '@wheelwright/access/adapters';
import { AppModule } from './app.module.js';
import { Readiness } from './health/readiness.js';
import { createServer } from './http/server.js';
import type { HubParts } from './parts.js';

/** How long running requests may take to end once the hub is asked to stop. */
const DRAIN_MS = 7_000;

export interface Hub {
  readonly app: NestFastifyApplication;
  /** `http://host:port`. */
  readonly url: string;
  /** Stops taking requests, lets running ones end (at most seven seconds), closes everything. */
  stop(): Promise<void>;
}

export interface HubOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
}

/** Composes and initialises the application without listening. A handler without a policy stops it here. */
export async function createHub(parts: HubParts): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(parts), createServer(parts.logger), {
    bodyParser: false,
    abortOnError: false,
    logger: false,
  });
  await app.init();
  return app;
}

/** Starts the hub and answers once it listens. */
export async function startHub(parts: HubParts, options: HubOptions): Promise<Hub> {
  const app = await createHub(parts);
  await app.listen(options.port, options.host);
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  return { app, url, stop: () => stopHub(app) };
}

/**
 * Makes the first administrator where none is there. Answers the generated password, if one had to be made:
 * the caller prints it, once, and it is kept nowhere.
 */
export async function ensureAdministrator(
  app: NestFastifyApplication,
  password: string | undefined,
): Promise<string | undefined> {
  const { generatedPassword } = await app.get(Users).ensureFirstAdministrator(password);
  return generatedPassword;
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
