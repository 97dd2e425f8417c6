// Where a secret would show if it leaked: every row of the database, everything that goes over Redis, the command lines of processes.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Redis } from 'ioredis';
import { Client, escapeIdentifier } from 'pg';

/** A place and all its text. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

/** What must be nowhere, by what it is. */
export type Secrets = Readonly<Record<string, string>>;

/** `what in where` for each secret that is found, as it is or as base64. */
export function leaksOf(secrets: Secrets, places: readonly Place[]): readonly string[] {
  return places.flatMap(({ name, text }) =>
    Object.entries(secrets)
      .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
      .map(([what]) => `${what} in ${name}`),
  );
}

function formsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString('base64');
  // The last characters depend on what follows.
  return [secret, base64.slice(0, Math.floor((secret.length * 8) / 6) - 2), Buffer.from(secret).toString('hex')];
}

/** All tables of all schemas that are not Postgres's own, those of the queue too. */
export async function everyRow(databaseUrl: string): Promise<readonly Place[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ schema: string; name: string }>(
      `SELECT table_schema AS schema, table_name AS name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    const places: Place[] = [];
    for (const { schema, name } of tables) {
      const { rows } = await client.query<Record<string, unknown>>(
        `SELECT * FROM ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
      );
      const text = rows.flatMap((row) => Object.values(row).map(textOf)).join('\n');
      places.push({ name: `${schema}.${name}`, text });
    }
    return places;
  } finally {
    await client.end();
  }
}

function textOf(value: unknown): string {
  if (!Buffer.isBuffer(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  return (value[0] === 0x1f && value[1] === 0x8b ? gunzipSync(value) : value).toString('latin1');
}

/** Writes down every command that Redis is sent, until asked for what there was. */
export async function listenIn(redisUrl: string): Promise<() => Place> {
  const heard: string[] = [];
  const redis = new Redis(redisUrl);
  const monitor = await redis.monitor();
  monitor.on('monitor', (_time: string, command: readonly string[]) => heard.push(command.join(' ')));
  return () => {
    monitor.disconnect();
    redis.disconnect();
    return { name: `${String(heard.length)} commands to Redis`, text: heard.join('\n') };
  };
}

/** The command lines of processes; empty where the system does not show them. */
export function commandLines(pids: readonly number[]): readonly Place[] {
  if (process.platform !== 'linux') return [];
  return pids.map((pid) => ({
    name: `the command line of process ${String(pid)}`,
    text: readFileSync(`/proc/${String(pid)}/cmdline`, 'latin1'),
  }));
}
