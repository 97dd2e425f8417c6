// Desired objects that an Application does not have yet in; those that another Application of this hub has on the same spoke out.
import {
  formatResourceKey,
  trackingId,
  type ApplicationId,
  type ClusterId,
  type ResourceKey,
} from '@wheelwright/kernel';
import type { Observed } from '@wheelwright/observe';
import type { Store } from '@wheelwright/platform-store';

/** Who asks, and where. */
export interface OwnersOf {
  readonly clusterId: ClusterId;
  readonly applicationId: ApplicationId;
}

/**
 * Answers what the inventories of other Applications say, as if it had been seen on the spoke. All our writes have the same field manager, so the
 * API server would let one Application take an object from another without a word: who was first must be known before.
 */
export async function loadOwned(
  store: Store,
  { clusterId, applicationId }: OwnersOf,
  keys: readonly ResourceKey[],
): Promise<readonly Observed[]> {
  if (keys.length === 0) return [];
  const { rows } = await store.pool.query<{
    key: ResourceKey;
    uid: string;
    fingerprint: string;
    version: string;
    owner: string;
  }>(
    `SELECT jsonb_build_object('group', r.api_group, 'kind', r.kind, 'namespace', r.namespace, 'name', r.name) AS key,
       r.uid, r.fingerprint, r.resource_version AS version, a.name AS owner
     FROM jsonb_to_recordset($3::jsonb) AS k ("group" text, kind text, namespace text, name text)
     JOIN resources r ON r.cluster_id = $1 AND r.api_group = k."group" AND r.kind = k.kind AND r.namespace = k.namespace AND r.name = k.name
     JOIN applications a ON a.id = r.application_id AND a.cluster_id = r.cluster_id
     WHERE r.application_id <> $2 AND r.uid <> '' AND r.sync = 'Synced'`,
    [clusterId, applicationId, JSON.stringify(keys)],
  );
  const owned = rows.map(({ key, uid, fingerprint, version, owner }) => ({
    key,
    uid,
    fingerprint,
    resourceVersion: version,
    trackingId: trackingId(owner, key),
    deleting: false,
  }));
  return [...new Map(owned.map((object) => [formatResourceKey(object.key), object])).values()];
}
