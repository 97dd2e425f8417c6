// Applied Applications that a set owns in; what somebody else than the set may write of them written.
import { AppError, canonicalJson, type JsonValue } from '@wheelwright/kernel';
import { announce } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { differOnlyInIgnored, readIgnoreRules } from '../keep-ignored.js';
import type { ApplicationSetSpec, ApplicationSpec } from '../types.js';
import type { ApplicationRow } from './application-rows.js';
import type { ApplyResult } from './apply-objects.js';
import { writeApplications } from './write-applications.js';

interface OwnedRow {
  readonly name: string;
  readonly set_id: string;
  readonly set_name: string;
  readonly rules: ApplicationSetSpec['ignoreApplicationDifferences'] | null;
  readonly spec: ApplicationSpec;
  readonly finalizers: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Writes those of the rows that belong to sets, and says what became of each: labels, annotations, and of the spec the fields that the set
 * leaves to others. Throws Conflict for any other difference.
 */
export async function applyOwned(
  client: PoolClient,
  rows: readonly ApplicationRow[],
): Promise<ReadonlyMap<string, ApplyResult>> {
  const byName = new Map(rows.map((row) => [row.name, row]));
  const owned = await client.query<OwnedRow>(
    `SELECT a.name, a.set_id, s.name AS set_name, s.spec -> 'ignoreApplicationDifferences' AS rules, a.spec, a.finalizers, a.labels, a.annotations
     FROM applications a JOIN application_sets s ON s.id = a.set_id WHERE a.name = ANY ($1::text[]) ORDER BY a.name`,
    [[...byName.keys()]],
  );
  const results = new Map<string, ApplyResult>();
  for (const current of owned.rows) {
    const row = byName.get(current.name);
    if (row === undefined) continue;
    results.set(current.name, await applyOne(client, current, row));
  }
  return results;
}

async function applyOne(client: PoolClient, current: OwnedRow, row: ApplicationRow): Promise<ApplyResult> {
  const otherFinalizers = row.finalizers.length > 0 && !sameAs(current.finalizers, row.finalizers);
  const sameSpec = sameAs(asJson(current.spec), row.spec);
  if (otherFinalizers || (!sameSpec && !leavesToOthers(current, row))) {
    const message = `Application ${current.name} belongs to the set ${current.set_name}: change the set, or delete it with cascade=orphan first`;
    throw new AppError('Conflict', message, { details: { application: current.name, set: current.set_name } });
  }
  if (!sameSpec) {
    const [refused] = (await writeApplications(client, [{ ...row, finalizers: current.finalizers }], current.set_id))
      .refused;
    if (refused !== undefined)
      throw new AppError('Conflict', `Application ${refused.name} cannot be applied: ${refused.reason}`);
    return 'configured';
  }
  if (sameAs(current.labels, row.labels) && sameAs(current.annotations, row.annotations)) return 'unchanged';
  await relabel(client, row);
  return 'configured';
}

function leavesToOthers({ name, rules, spec }: OwnedRow, row: ApplicationRow): boolean {
  const metadata = { labels: {}, annotations: {} };
  const wanted = row.spec as typeof row.spec & ApplicationSpec;
  return differOnlyInIgnored(
    name,
    [
      { metadata, spec },
      { metadata, spec: wanted },
    ],
    readIgnoreRules(rules ?? []),
  );
}

async function relabel(client: PoolClient, row: ApplicationRow): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE applications SET labels = $2, annotations = $3, generation = generation + 1, updated_at = now() WHERE name = $1 RETURNING id`,
    [row.name, JSON.stringify(row.labels), JSON.stringify(row.annotations)],
  );
  await announce(
    client,
    'applications',
    rows.map(({ id }) => id),
  );
}

function asJson(spec: ApplicationSpec): JsonValue {
  return spec as ApplicationSpec & { readonly [key: string]: JsonValue };
}

function sameAs(a: JsonValue, b: JsonValue): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
