// An expansion in, the same with the fields that its set leaves to others as they are in the rows out.
import type { PoolClient } from 'pg';
import { keepIgnored, readIgnoreRules, type LiveApplication } from '../keep-ignored.js';
import type { Application } from '../types.js';
import type { SetChange, SetChangeIssue } from './replace-set-applications.js';

interface LiveRow {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly spec: Application['spec'];
}

/** What is to be written, and what its author should know. */
export interface KeptFields {
  readonly applications: readonly Application[];
  readonly issues: readonly SetChangeIssue[];
}

/** Reads the rows concerned, where the set has rules at all. One that cannot be combined with what it keeps is left out: its row stays as it is. */
export async function keepIgnoredFields(client: PoolClient, change: SetChange): Promise<KeptFields> {
  const { applications, ignoreDifferences = [] } = change;
  if (ignoreDifferences.length === 0) return { applications, issues: [] };
  const rules = readIgnoreRules(ignoreDifferences);
  const issues: SetChangeIssue[] = rules.problems.map((problem) => ({
    severity: 'warning',
    code: 'UnsupportedIgnoreRule',
    ...problem,
  }));
  const live = await readLive(
    client,
    change,
    applications.map(({ metadata }) => metadata.name).filter((name) => rules.pathsOf(name).length > 0),
  );
  const kept = applications.flatMap((application) => {
    const { name } = application.metadata;
    const row = live.get(name);
    if (row === undefined) return [application];
    const result = keepIgnored(application, row, rules);
    if ('application' in result) return [result.application];
    issues.push({
      severity: 'error',
      code: 'IgnoredFieldsConflict',
      message: `${name} stays as it is: with the fields that ignoreApplicationDifferences keeps, ${result.fault}`,
      pointer: '/spec/ignoreApplicationDifferences',
      application: name,
    });
    return [];
  });
  return { applications: kept, issues };
}

/** Locked until the end of the transaction: what somebody writes into a kept field meanwhile is not lost. */
async function readLive(
  client: PoolClient,
  { setId }: SetChange,
  names: readonly string[],
): Promise<ReadonlyMap<string, LiveApplication>> {
  if (names.length === 0) return new Map();
  const { rows } = await client.query<LiveRow>(
    `SELECT name, labels, annotations, spec FROM applications WHERE set_id = $1 AND name = ANY ($2::text[]) ORDER BY name FOR NO KEY UPDATE`,
    [setId, names],
  );
  return new Map(
    rows.map(({ name, labels, annotations, spec }) => [name, { metadata: { labels, annotations }, spec }]),
  );
}
