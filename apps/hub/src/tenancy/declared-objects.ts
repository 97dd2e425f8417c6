// Placed objects of a text and its caller in; which of them are new to a project role, or the error that names each one that it may not declare, out.
import { decide, isRole, type Actor, type ProjectRights } from '@wheelwright/access';
import type { AppProject, ParsedObject } from '@wheelwright/intent';
import { AppError, type Fault } from '@wheelwright/kernel';
import type { PoolClient } from 'pg';
import { projectEscapes, readingEscapes, type Escape } from './confined-set.js';

/** Called with what became of the objects: throws `Conflict` where one came to be while the right to create it was asked for. */
export type NewnessCheck = (
  applied: readonly { readonly kind: string; readonly name: string; readonly result: string }[],
) => void;

interface Known {
  readonly project: string;
  readonly namespace: string;
  readonly strays: boolean;
}

type Declared = Extract<ParsedObject['object'], { readonly kind: 'Application' | 'ApplicationSet' }>;

const RESOURCES = { Application: 'applications', ApplicationSet: 'applicationsets' } as const;

/**
 * A project role may declare Applications and sets of its project that its policies permit: an object that exists needs `update`, as it is and as it
 * would be, a new one `create`. Everything else is for administrators. Throws `Forbidden`; objects of others and names that are not permitted
 * get the same answer. Objects that exist stay locked until the transaction ends.
 */
export async function assertMayDeclare(
  client: PoolClient,
  actor: Actor,
  placed: readonly ParsedObject[],
): Promise<NewnessCheck> {
  const { rights } = actor;
  if (isRole(actor.role)) return () => undefined;
  if (rights === undefined) throw new AppError('Forbidden', 'Not allowed: ask an administrator');
  const known = await knownObjects(client, rights, placed);
  const project = await projectOf(client, rights);
  const faults = placed.flatMap((each) =>
    faultsOf(each.object, { actor, rights, known, project }).map(({ pointer, message }): Fault => {
      const place = each.locate(pointer);
      return { pointer: place.pointer, message, line: place.line };
    }),
  );
  const [first] = faults;
  if (first !== undefined) {
    const more = faults.length > 1 ? ` (and ${String(faults.length - 1)} more)` : '';
    throw new AppError('Forbidden', `Nothing was applied: ${first.message}${more}`, { faults });
  }
  return (applied) => {
    const raced = applied.find(({ kind, name, result }) => result !== 'created' && !known.has(`${kind}/${name}`));
    if (raced !== undefined)
      throw new AppError('Conflict', `${raced.kind} ${raced.name} was declared by somebody else just now: try again`);
  };
}

interface Asked {
  readonly actor: Actor;
  readonly rights: ProjectRights;
  readonly known: ReadonlyMap<string, Known>;
  readonly project: AppProject;
}

function faultsOf(object: ParsedObject['object'], asked: Asked): readonly Escape[] {
  if (object.kind !== 'Application' && object.kind !== 'ApplicationSet') {
    const what = object.kind === 'GeneratorInput' ? object.input.kind : object.kind;
    return [{ pointer: '', message: `${what}: only administrators apply it` }];
  }
  const { name } = object.object.metadata;
  const titled = ({ pointer, message }: Escape): Escape => ({ pointer, message: `${object.kind} ${name}: ${message}` });
  if (!mayDeclare(object, asked)) {
    const resource = RESOURCES[object.kind];
    const message = `no policy of ${asked.actor.role} permits "${resource}, create" or "${resource}, update" on it, or the name is not free`;
    return [titled({ pointer: '', message })];
  }
  if (object.kind === 'Application') return [];
  const escapes = projectEscapes(object.object, asked.rights.project);
  return [...escapes, ...readingEscapes(object.object, asked.project)].map(titled);
}

function mayDeclare(declared: Declared, { actor, known }: Asked): boolean {
  const { name, namespace } = declared.object.metadata;
  const project = projectNamed(declared);
  const before = known.get(`${declared.kind}/${name}`);
  const resource = RESOURCES[declared.kind];
  const may = (verb: 'create' | 'update', of: { readonly project: string; readonly namespace: string }): boolean =>
    decide(actor, 'intent:apply', { resource, verb, name, project: of.project, namespace: of.namespace }).allowed;
  if (before === undefined) return may('create', { project, namespace });
  return !before.strays && may('update', before) && may('update', { project, namespace });
}

function projectNamed(declared: Declared): string {
  if (declared.kind === 'Application') return declared.object.spec.project;
  const project = declared.object.spec.template.spec?.['project'];
  return typeof project === 'string' ? project : '';
}

/** What stands under these names now, locked in the order in which the catalogue locks. */
async function knownObjects(
  client: PoolClient,
  rights: ProjectRights,
  placed: readonly ParsedObject[],
): Promise<ReadonlyMap<string, Known>> {
  const named = (kind: string): string[] =>
    placed.flatMap(({ object }) =>
      object.kind === kind && (object.kind === 'Application' || object.kind === 'ApplicationSet')
        ? [object.object.metadata.name]
        : [],
    );
  const applications = await client.query<Known & { name: string }>(
    `SELECT name, namespace, project, false AS strays FROM applications WHERE name = ANY($1::text[]) ORDER BY name FOR UPDATE`,
    [named('Application')],
  );
  const sets = await client.query<Known & { name: string }>(
    `SELECT t.name, t.namespace, coalesce(t.spec #>> '{template,spec,project}', '') AS project,
       EXISTS (SELECT 1 FROM applications other WHERE other.set_id = t.id AND other.project <> $2) AS strays
     FROM application_sets t WHERE t.name = ANY($1::text[]) ORDER BY t.name FOR UPDATE OF t`,
    [named('ApplicationSet'), rights.project],
  );
  return new Map([
    ...applications.rows.map((row) => [`Application/${row.name}`, row] as const),
    ...sets.rows.map((row) => [`ApplicationSet/${row.name}`, row] as const),
  ]);
}

async function projectOf(client: PoolClient, { project, namespace }: ProjectRights): Promise<AppProject> {
  const { rows } = await client.query<Pick<AppProject, 'spec'>>(`SELECT spec FROM projects WHERE name = $1`, [project]);
  const metadata = { name: project, namespace, labels: {}, annotations: {}, finalizers: [] };
  return { metadata, spec: rows[0]?.spec ?? {} };
}
