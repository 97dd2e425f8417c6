// Declared objects in, the same with the marks of whoever manages them from Git out.
import { MANAGED_BY_LABEL, TRACKING_ANNOTATION } from '@wheelwright/kernel';
import type { PoolClient } from 'pg';
import type { IntentMeta } from '../types.js';

type Table = 'applications' | 'application_sets' | 'projects';

interface Marks {
  readonly name: string;
  readonly label: string;
  readonly tracking: string | null;
}

/**
 * Our label and tracking id stay on an object that somebody applies without them, as they would stay on a spoke: who edits a child of an App of
 * Apps by hand drifts from Git, but does not take it away from its parent. Marks that the object brings itself win.
 */
export async function withMarks<T extends { readonly metadata: IntentMeta }>(
  client: PoolClient,
  table: Table,
  objects: readonly T[],
): Promise<readonly T[]> {
  const unmarked = objects.filter(({ metadata }) => !Object.hasOwn(metadata.labels, MANAGED_BY_LABEL));
  if (unmarked.length === 0) return objects;
  const { rows } = await client.query<Marks>(
    `SELECT name, labels ->> '${MANAGED_BY_LABEL}' AS label, annotations ->> '${TRACKING_ANNOTATION}' AS tracking
     FROM ${table} WHERE name = ANY ($1::text[]) AND labels ->> '${MANAGED_BY_LABEL}' IS NOT NULL`,
    [unmarked.map(({ metadata }) => metadata.name)],
  );
  if (rows.length === 0) return objects;
  const marks = new Map(rows.map((row) => [row.name, row]));
  return objects.map((object) => {
    const known = marks.get(object.metadata.name);
    if (known === undefined || Object.hasOwn(object.metadata.labels, MANAGED_BY_LABEL)) return object;
    const { labels, annotations } = object.metadata;
    return {
      ...object,
      metadata: {
        ...object.metadata,
        labels: { ...labels, [MANAGED_BY_LABEL]: known.label },
        annotations: known.tracking === null ? annotations : { [TRACKING_ANNOTATION]: known.tracking, ...annotations },
      },
    };
  });
}
