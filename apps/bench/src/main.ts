// npm run bench: named experiments, their records, and a report over them.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { runExpand } from './expand-experiment.js';
import { expandFileName, expandRecordSchema, expandTable } from './expand-record.js';
import { parseCommand, USAGE } from './flags.js';
import { runFleet } from './fleet.js';
import { inRoot } from './product.js';
import { recordFileName, recordSchema } from './record.js';
import { reportOf } from './report.js';
import { runSync } from './sync-experiment.js';
import { syncFileName, syncRecordSchema, syncTable } from './sync-record.js';
import { progress } from './waiting.js';

async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2));
  switch (command.kind) {
    case 'usage':
      progress(command.problem ?? '');
      process.stderr.write(`${USAGE}\n`);
      return 2;
    case 'report':
      process.stdout.write(`${textOf(await readRecords(folderOf(command.records)))}\n`);
      return 0;
    case 'expand': {
      const record = await runExpand(command.flags);
      const folder = folderOf(command.records);
      const file = await writeRecord(folder, (taken) => expandFileName(record, taken), record);
      process.stdout.write(`${expandTable(record)}\n`);
      progress(`recorded in ${path.relative(process.cwd(), file)}`);
      return 0;
    }
    case 'sync': {
      const record = await runSync(command.flags, stopSignal());
      const folder = folderOf(command.records);
      const file = await writeRecord(folder, (taken) => syncFileName(record, taken), record);
      process.stdout.write(`${syncTable(record)}\n`);
      progress(`recorded in ${path.relative(process.cwd(), file)}`);
      return 0;
    }
    case 'fleet': {
      const record = await runFleet({ flags: command.flags, profile: command.profile, signal: stopSignal() });
      const file = await writeRecord(folderOf(command.records), (taken) => recordFileName(record, taken), record);
      progress(`recorded in ${path.relative(process.cwd(), file)}`);
      for (const violation of record.violations) progress(`BROKEN: ${violation}`);
      return record.violations.length === 0 ? 0 : 1;
    }
  }
}

/** Aborts when somebody asks the process to end. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());
  return stopping.signal;
}

const folderOf = (records: string | undefined): string =>
  records === undefined ? inRoot('apps/bench/records') : path.resolve(records);

async function writeRecord(
  folder: string,
  nameOf: (taken: ReadonlySet<string>) => string,
  record: AnyRecord,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, nameOf(new Set(await readdir(folder))));
  await writeFile(file, `${JSON.stringify(record, undefined, 2)}\n`, { flag: 'wx' });
  return file;
}

/** All records of a folder. Throws with the name of a file that is not one. */
async function readRecords(folder: string): Promise<AnyRecord[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  return Promise.all(
    names.map(async (name) => {
      const parsed = anyRecord.safeParse(JSON.parse(await readFile(path.join(folder, name), 'utf8')));
      if (!parsed.success) throw new Error(`${name} is no record of this version: ${parsed.error.message}`);
      return parsed.data;
    }),
  );
}

const anyRecord = z.discriminatedUnion('experiment', [recordSchema, expandRecordSchema, syncRecordSchema]);
type AnyRecord = z.infer<typeof anyRecord>;

/** The newest run of each experiment: that of the fleet beside earlier ones. */
function textOf(records: readonly AnyRecord[]): string {
  const ordered = [...records].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const expand = ordered.flatMap((record) => (record.experiment === 'expand' ? [record] : [])).at(-1);
  const sync = ordered.flatMap((record) => (record.experiment === 'sync' ? [record] : [])).at(-1);
  const parts = [reportOf(ordered.flatMap((record) => (record.experiment === 'fleet' ? [record] : [])))];
  if (expand !== undefined) {
    const { flags, startedAt, versions } = expand;
    const size = `${String(flags.sets)} sets, ${String(flags.clusters)} spokes`;
    parts.push(`expand  ${size}  ${startedAt}  commit ${versions.commit}`, expandTable(expand));
  }
  if (sync !== undefined) {
    const { flags, startedAt, versions } = sync;
    const size = `${String(flags.apps)} Applications of ${String(flags.objects)} objects, one of ${String(flags.large)}`;
    parts.push(`sync  ${size}  ${startedAt}  commit ${versions.commit}`, syncTable(sync));
  }
  return parts.join('\n\n');
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    progress(`failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
