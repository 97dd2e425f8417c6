#!/usr/bin/env node
// Stands in for Prisma's native schema engine, which its CLI would download: the same JSON-RPC over stdio, served by the
// WebAssembly build that npm installs. prisma.config.ts points the CLI here; nobody calls it by hand.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/** Reads the arguments that the Prisma CLI passes to a schema engine. */
function parseArguments(argv) {
  const parsed = { datamodels: [], url: undefined, command: undefined, version: false };
  for (let at = 0; at < argv.length; at += 1) {
    switch (argv[at]) {
      case '--datamodels':
        parsed.datamodels.push(argv[(at += 1)]);
        break;
      case '--datasource':
        parsed.url = JSON.parse(argv[(at += 1)]).url;
        break;
      case '--enabled-preview-features':
      case '--extension-types':
        at += 1;
        break;
      case '--version':
      case '-V':
        parsed.version = true;
        break;
      case 'cli':
        parsed.command = argv[(at += 1)];
        break;
      default:
        throw new Error(`schema-engine: unknown argument ${argv[at]}`);
    }
  }
  return parsed;
}

/** A libpq address without the parameters that only Prisma knows. */
function plainUrl(text) {
  const url = new URL(text);
  for (const name of ['schema', 'connection_limit', 'pool_timeout']) url.searchParams.delete(name);
  return url;
}

async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** `cli <command>`: answers by exit code; the reason goes to stderr as one line of JSON. */
async function runCommand(command, urlText) {
  const url = plainUrl(urlText);
  const database = decodeURIComponent(url.pathname.slice(1));
  try {
    if (command === 'can-connect-to-database') {
      await withClient(url, () => undefined);
    } else if (command === 'create-database' || command === 'drop-database') {
      const admin = new URL(url);
      admin.pathname = '/postgres';
      const verb = command === 'create-database' ? 'CREATE' : 'DROP';
      await withClient(admin, (client) => client.query(`${verb} DATABASE ${pg.escapeIdentifier(database)}`));
    } else {
      throw new Error(`unknown command ${command}`);
    }
    return 0;
  } catch (error) {
    // P1003 tells the CLI that only the database is missing, and it then asks for create-database.
    const fields = { error_code: error.code === '3D000' ? 'P1003' : 'P1001', message: String(error.message ?? error) };
    // The CLI drops the first line of stderr, hence the empty one.
    process.stderr.write(`\n${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields })}\n`);
    return 1;
  }
}

const OID_CHAR = 18;
const OID_BPCHAR = 1042;

/**
 * Mends two things of the adapter. It has no mapping for the type "char" that the catalogue queries return: such columns are
 * read as bpchar and announced as Character. And it cannot run scripts that define functions.
 * This reaches into the adapter, so look here first when Prisma is upgraded.
 */
function mend(queryable, characterType) {
  const charColumns = new WeakMap();
  const performIO = queryable.performIO.bind(queryable);
  const queryRaw = queryable.queryRaw.bind(queryable);
  queryable.performIO = async (query) => {
    const result = await performIO(query);
    const columns = [];
    for (const part of [result].flat()) {
      for (const [at, field] of (part.fields ?? []).entries()) {
        if (field.dataTypeID !== OID_CHAR) continue;
        columns.push(at);
        field.dataTypeID = OID_BPCHAR;
      }
    }
    charColumns.set(query, columns);
    return result;
  };
  queryable.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const at of charColumns.get(query) ?? []) result.columnTypes[at] = characterType;
    return result;
  };
  if (queryable.executeScript) {
    // The adapter cuts scripts at each semicolon, also inside of functions; the server takes a whole script at once.
    queryable.executeScript = async (script) => {
      try {
        await queryable.underlyingDriver().query(script);
      } catch (error) {
        queryable.onError(error);
      }
    };
  }
  if (queryable.startTransaction) {
    const startTransaction = queryable.startTransaction.bind(queryable);
    queryable.startTransaction = async (level) => mend(await startTransaction(level), characterType);
  }
  return queryable;
}

/** The adapter factory for the engine, with a shadow database that really is another database. */
async function adapterFactory(urlText) {
  const { PrismaPg } = await import('@prisma/adapter-pg');
  const { ColumnTypeEnum } = await import('@prisma/driver-adapter-utils');
  const { parseIntoClientConfig } = await import('pg-connection-string');
  // Parts, never one connection string: with a string the adapter's shadow connection reaches the main database.
  const config = parseIntoClientConfig(plainUrl(urlText).toString());
  const factory = new PrismaPg(config);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => mend(await connect(), ColumnTypeEnum.Character);
  factory.connectToShadowDb = async () => {
    const main = await connect();
    const database = `prisma_migrate_shadow_db_${randomUUID()}`;
    await main.executeScript(`CREATE DATABASE "${database}"`);
    const shadow = mend(await new PrismaPg({ ...config, database }).connect(), ColumnTypeEnum.Character);
    const dispose = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await dispose();
      await main.executeScript(`DROP DATABASE "${database}" WITH (FORCE)`);
      await main.dispose();
    };
    return shadow;
  };
  return factory;
}

/** Instantiates the WebAssembly engine for the given schema files and database. */
async function openEngine({ datamodels, url }) {
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils');
  const runtime = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const folder = path.dirname(fileURLToPath(import.meta.resolve('@prisma/schema-engine-wasm')));
  const module = new WebAssembly.Module(fs.readFileSync(path.join(folder, 'schema_engine_bg.wasm')));
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': runtime });
  runtime.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    message: '',
    set_message(message) {
      this.message = message;
    },
  };
  const models = datamodels.map((file) => [file, fs.readFileSync(file, 'utf8')]);
  const factory = await adapterFactory(url ?? 'postgresql://none@127.0.0.1:1/none');
  return runtime.SchemaEngine.new(
    { datamodels: models.length > 0 ? models : undefined },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(factory),
  );
}

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

async function answer(open, { id, method, params }) {
  try {
    // Opening connects to the database, so it can fail like any request.
    const engine = await open();
    const name = method === 'getDatabaseVersion' ? 'version' : method;
    if (name !== 'createDatabase' && typeof engine[name] !== 'function') throw new Error(`no method ${method}`);
    const result = name === 'createDatabase' ? { databaseName: '' } : await engine[name](params);
    // `diff` hands its script to the CLI through a notification, before the answer.
    if (method === 'diff' && result?.stdout) send({ id: 999999, method: 'print', params: { content: result.stdout } });
    send({ id, result: result ?? null });
  } catch (error) {
    const message = String(error?.message ?? error);
    const panic = globalThis.PRISMA_WASM_PANIC_REGISTRY?.message;
    send({
      id,
      error: { code: 4466, message: panic || message, data: { is_panic: false, message, error_code: error?.code } },
    });
  }
}

/** Serves one request per line, strictly one after another, until stdin ends. */
async function serve(options) {
  let engine;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    const request = JSON.parse(line);
    if (request.method === undefined) continue;
    await answer(async () => (engine ??= await openEngine(options)), request);
  }
}

const options = parseArguments(process.argv.slice(2));
if (options.version) {
  process.stdout.write('schema-engine-cli d1b3f377ca835d73fd50954a5e22128b9ebdd6b8\n');
} else if (options.command !== undefined) {
  process.exitCode = await runCommand(options.command, options.url);
} else {
  await serve(options);
  process.exit(0);
}
