// npm run bench: named experiments, their records, and a report over them.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
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
      process.stdout.write(`${reportOf(await readRecords(folderOf(command.records)))}\n`);
      return 0;
    case 'fleet': {
      const stopping = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());
      const record = await runFleet({ flags: command.flags, profile: command.profile, signal: stopping.signal });
      const file = await writeRecord(folderOf(command.records), record);
      progress(`recorded in ${path.relative(process.cwd(), file)}`);
      for (const violation of record.violations) progress(`BROKEN: ${violation}`);
      return record.violations.length === 0 ? 0 : 1;
    }
  }
}

const folderOf = (records: string | undefined): string =>
  records === undefined ? inRoot('apps/bench/records') : path.resolve(records);

async function writeRecord(folder: string, record: FleetRecord): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, recordFileName(record, new Set(await readdir(folder))));
  await writeFile(file, `${JSON.stringify(record, undefined, 2)}\n`, { flag: 'wx' });
  return file;
}

/** All records of a folder. Throws with the name of a file that is not one. */
async function readRecords(folder: string): Promise<FleetRecord[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  return Promise.all(
    names.map(async (name) => {
      const parsed = recordSchema.safeParse(JSON.parse(await readFile(path.join(folder, name), 'utf8')));
      if (!parsed.success) throw new Error(`${name} is no record of this version: ${parsed.error.message}`);
      return parsed.data;
    }),
  );
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    progress(`failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
