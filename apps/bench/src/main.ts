// npm run bench: named experiments, their records, and a report over them.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { runExpand } from './expand-experiment.js';
import { expandFileName, expandRecordSchema, expandTable, type ExpandRecord } from './expand-record.js';
import { parseCommand, USAGE } from './flags.js';
import { runFleet } from './fleet.js';
import { inRoot } from './product.js';
import { recordFileName, recordSchema, type FleetRecord } from './record.js';
import { reportOf } from './report.js';
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
    case 'fleet': {
      const stopping = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());
      const record = await runFleet({ flags: command.flags, profile: command.profile, signal: stopping.signal });
      const file = await writeRecord(folderOf(command.records), (taken) => recordFileName(record, taken), record);
      progress(`recorded in ${path.relative(process.cwd(), file)}`);
      for (const violation of record.violations) progress(`BROKEN: ${violation}`);
      return record.violations.length === 0 ? 0 : 1;
    }
  }
}

const folderOf = (records: string | undefined): string =>
  records === undefined ? inRoot('apps/bench/records') : path.resolve(records);

async function writeRecord(
  folder: string,
  nameOf: (taken: ReadonlySet<string>) => string,
  record: FleetRecord | ExpandRecord,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, nameOf(new Set(await readdir(folder))));
  await writeFile(file, `${JSON.stringify(record, undefined, 2)}\n`, { flag: 'wx' });
  return file;
}

/** All records of a folder. Throws with the name of a file that is not one. */
async function readRecords(folder: string): Promise<(FleetRecord | ExpandRecord)[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  return Promise.all(
    names.map(async (name) => {
      const parsed = anyRecord.safeParse(JSON.parse(await readFile(path.join(folder, name), 'utf8')));
      if (!parsed.success) throw new Error(`${name} is no record of this version: ${parsed.error.message}`);
      return parsed.data;
    }),
  );
}

const anyRecord = z.discriminatedUnion('experiment', [recordSchema, expandRecordSchema]);

/** The newest run of each experiment: that of the fleet beside earlier ones. */
function textOf(records: readonly (FleetRecord | ExpandRecord)[]): string {
  const expands = records.flatMap((record) => (record.experiment === 'expand' ? [record] : []));
  const newest = expands.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1)).at(-1);
  const fleet = reportOf(records.flatMap((record) => (record.experiment === 'fleet' ? [record] : [])));
  if (newest === undefined) return fleet;
  const { flags, startedAt, versions } = newest;
  const head = `expand  ${String(flags.sets)} sets, ${String(flags.clusters)} spokes  ${startedAt}  commit ${versions.commit}`;
  return `${fleet}\n\n${head}\n\n${expandTable(newest)}`;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    progress(`failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
