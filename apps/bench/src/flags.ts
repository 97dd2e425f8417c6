// The command line in, checked flags out.
import { parseArgs } from 'node:util';
import { parseDurationMs } from '@wheelwright/kernel';

/** Size and settings of one run of the `fleet` experiment. */
export interface FleetFlags {
  readonly clusters: number;
  /** Directories of the repository, each deployed to every cluster. */
  readonly apps: number;
  /** Objects in each directory. */
  readonly objects: number;
  readonly seed: number;
  readonly workers: number;
  /** As WHEELWRIGHT_SWEEP_INTERVAL takes it. */
  readonly sweep: string;
}

/** Size of one run of the `expand` experiment. */
export interface ExpandFlags {
  readonly sets: number;
  readonly clusters: number;
  readonly seed: number;
}

/** Size of one run of the `sync` experiment. */
export interface SyncFlags {
  /** Applications on the one spoke. */
  readonly apps: number;
  /** Objects of each. */
  readonly objects: number;
  /** Objects of one more Application. */
  readonly large: number;
  readonly seed: number;
}

/** What the command line asks for. */
export type Command =
  | {
      readonly kind: 'fleet';
      readonly flags: FleetFlags;
      readonly records: string | undefined;
      readonly profile: string | undefined;
    }
  | { readonly kind: 'expand'; readonly flags: ExpandFlags; readonly records: string | undefined }
  | { readonly kind: 'sync'; readonly flags: SyncFlags; readonly records: string | undefined }
  | { readonly kind: 'report'; readonly records: string | undefined }
  | { readonly kind: 'usage'; readonly problem: string | undefined };

/** How to call it. */
export const USAGE = `npm run bench -- fleet [--clusters 100] [--apps 20] [--objects 10] [--seed 1] [--workers 1] [--sweep 60s]
                       [--records FOLDER] [--profile FOLDER]
npm run bench -- expand [--sets 1000] [--clusters 500] [--seed 1] [--records FOLDER]
npm run bench -- sync [--apps 200] [--objects 10] [--large 1000] [--seed 1] [--records FOLDER]
npm run bench -- report [--records FOLDER]`;

const OPTIONS = {
  clusters: { type: 'string' },
  sets: { type: 'string', default: '1000' },
  apps: { type: 'string' },
  large: { type: 'string', default: '1000' },
  objects: { type: 'string', default: '10' },
  seed: { type: 'string', default: '1' },
  workers: { type: 'string', default: '1' },
  sweep: { type: 'string', default: '60s' },
  records: { type: 'string' },
  profile: { type: 'string' },
} as const;

/** Reads the arguments after the script's name. Never throws: a wrong flag is a `usage` command that says which. */
export function parseCommand(argv: readonly string[]): Command {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    const [name = 'fleet', ...rest] = positionals;
    if (rest.length > 0 || (name !== 'fleet' && name !== 'expand' && name !== 'sync' && name !== 'report'))
      return { kind: 'usage', problem: `there is no experiment "${positionals.join(' ')}"` };
    if (name === 'report') return { kind: 'report', records: values.records };
    if (name === 'expand') {
      const flags = {
        sets: whole('sets', values.sets),
        clusters: whole('clusters', values.clusters ?? '500'),
        seed: whole('seed', values.seed),
      };
      return { kind: 'expand', flags, records: values.records };
    }
    if (name === 'sync') {
      const flags = {
        apps: whole('apps', values.apps ?? '200'),
        objects: whole('objects', values.objects),
        large: whole('large', values.large),
        seed: whole('seed', values.seed),
      };
      return { kind: 'sync', flags, records: values.records };
    }
    const flags = {
      clusters: whole('clusters', values.clusters ?? '100'),
      apps: whole('apps', values.apps ?? '20'),
      objects: whole('objects', values.objects),
      seed: whole('seed', values.seed),
      workers: whole('workers', values.workers),
      sweep: duration(values.sweep),
    };
    return { kind: 'fleet', flags, records: values.records, profile: values.profile };
  } catch (error) {
    return { kind: 'usage', problem: error instanceof Error ? error.message : String(error) };
  }
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100_000)
    throw new Error(`--${name} takes a whole number from 1 to 100000, not "${text}"`);
  return value;
}

function duration(text: string): string {
  if (parseDurationMs(text) === undefined) throw new Error(`--sweep takes a duration such as 60s, not "${text}"`);
  return text;
}
