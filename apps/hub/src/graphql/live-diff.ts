// What a sync of one Application would change, read from its spoke now: the plan of the next reconcile, made and not carried out.
import type { ApplicationSpec, AppProjectSpec } from '@wheelwright/intent';
import { AppError, formatResourceKey, type ApplicationId, type ClusterId } from '@wheelwright/kernel';
import { sweep } from '@wheelwright/observe/adapters';
import {
  aimObjects,
  comparingOf,
  parseSyncOptions,
  plan,
  questionsOf,
  type AimedSet,
  type CompareSettings,
  type KnownObject,
  type PlanInput,
  type SyncOptions,
} from '@wheelwright/plan';
import { gatherAnswers } from '@wheelwright/plan/adapters';
import type { JqPaths } from '@wheelwright/platform-jq';
import type { Discovery, SpokeClient } from '@wheelwright/platform-kube';
import type { Store } from '@wheelwright/platform-store';
import type { RenderedSet } from '@wheelwright/render';
import type { ResourceStatus } from '@wheelwright/status';
import { inTheNameOf } from './in-the-name-of.js';
import { DiffPort, type DiffEntry } from './ports.js';

/** What a live comparison needs from outside. */
export interface LiveDiffParts {
  readonly store: Store;
  readonly connect: (id: ClusterId) => Promise<SpokeClient>;
  /** Objects that a worker rendered, by the key that it recorded. */
  readonly recall: (renderKey: string) => Promise<RenderedSet | undefined>;
  readonly installationId: string;
  /** How objects are compared, whatever their Application says. */
  readonly compare: () => Promise<CompareSettings>;
  readonly jq: Pick<JqPaths, 'pathsOf'>;
}

const DEADLINE_MS = 20_000;

interface Row {
  name: string;
  namespace: string;
  annotations: Record<string, string>;
  spec: ApplicationSpec;
  cluster_id: ClusterId | null;
  server: string | null;
  /** Of the declared project; null: nobody declared it. */
  project: AppProjectSpec | null;
  is_hub: boolean | null;
  paused: boolean | null;
  render_key: string;
  resources: ResourceStatus[];
}

/** Compares without a lease: it writes nothing. */
export class LiveDiff extends DiffPort {
  constructor(private readonly parts: LiveDiffParts) {
    super();
  }

  async diff(applicationId: ApplicationId): Promise<readonly DiffEntry[]> {
    const row = await this.load(applicationId);
    if (row.cluster_id === null)
      throw new AppError('NotFound', `the destination of ${row.name} is no registered cluster`);
    if (row.paused === true)
      throw new AppError(
        'Conflict',
        `the cluster of ${row.name} is paused, so that nothing is read from it: resume it first`,
      );
    const rendered = row.render_key === '' ? undefined : await this.parts.recall(row.render_key);
    if (rendered === undefined) {
      throw new AppError(
        'Unavailable',
        `${row.name} was not rendered yet: look at its conditions, or refresh it and ask again`,
      );
    }
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const client = inTheNameOf(await this.parts.connect(row.cluster_id), row);
    const { spec, name, annotations } = row;
    const { ignoreDifferences } = spec;
    const comparing = comparingOf(await this.parts.compare(), { annotations, ignoreDifferences });
    const options = syncOptionsOf(row);
    const aimed = this.aim(row, { rendered, discovery: await client.discovery({ signal }) });
    const input: PlanInput = {
      application: name,
      applicationUid: applicationId,
      targets: aimed.targets,
      known: row.resources.map(asKnown),
      observed: await this.observe(client, { row, aimed, signal }),
      options,
      thorough: true,
      ...comparing.input,
    };
    const naming = { jq: this.parts.jq, rules: comparing.rules };
    const { entries } = plan(input, await gatherAnswers(client, questionsOf(input), { signal, naming }));
    return entries
      .filter(({ action }) => action !== 'unchanged')
      .map(({ key, action, reason, differences }) => ({
        key,
        action,
        differences,
        ...(reason === undefined ? {} : { reason }),
      }));
  }

  private async load(id: ApplicationId): Promise<Row> {
    const { rows } = await this.parts.store.pool.query<Row>(
      `SELECT a.name, a.namespace, a.annotations, a.spec, a.cluster_id, c.server, c.is_hub, c.paused, d.render_key,
         (SELECT p.spec FROM projects p WHERE p.name = a.project) AS project,
         coalesce((SELECT jsonb_agg(jsonb_build_object(
             'key', jsonb_build_object('group', r.api_group, 'kind', r.kind, 'namespace', r.namespace, 'name', r.name),
             'version', r.version, 'wave', r.wave, 'appliedDigest', r.applied_digest, 'uid', r.uid))
           FROM resources r WHERE r.application_id = a.id AND r.cluster_id = a.cluster_id), '[]') AS resources
       FROM applications a JOIN application_details d ON d.application_id = a.id LEFT JOIN clusters c ON c.id = a.cluster_id WHERE a.id = $1`,
      [id],
    );
    const row = rows[0];
    if (row === undefined) throw new AppError('NotFound', 'there is no such Application');
    return row;
  }

  private aim(row: Row, from: { readonly rendered: RenderedSet; readonly discovery: Discovery }): AimedSet {
    const { name, spec } = row;
    return aimObjects(from.rendered.objects, {
      applicationName: name,
      destinationNamespace: spec.destination.namespace ?? '',
      installationId: this.parts.installationId,
      scopeOf: (group, kind) => {
        const resource = from.discovery.find(group, kind);
        if (resource === undefined) return undefined;
        return resource.namespaced ? 'Namespaced' : 'Cluster';
      },
      syncOptions: syncOptionsOf(row),
      ...(spec.syncPolicy?.managedNamespaceMetadata === undefined
        ? {}
        : { managedNamespaceMetadata: spec.syncPolicy.managedNamespaceMetadata }),
    });
  }

  private async observe(
    client: SpokeClient,
    { row, aimed, signal }: { readonly row: Row; readonly aimed: AimedSet; readonly signal: AbortSignal },
  ): Promise<PlanInput['observed']> {
    const kinds = new Map(
      [...row.resources, ...aimed.targets].map(({ key, version }) => [
        `${key.group}/${key.kind}`,
        { group: key.group, kind: key.kind, version },
      ]),
    );
    const swept = await sweep(client, [...kinds.values()], { installationId: this.parts.installationId, signal });
    return new Map(swept.kinds.flatMap(({ items }) => items).map((item) => [formatResourceKey(item.key), item]));
  }
}

/** The hub itself has no namespaces to create. */
function syncOptionsOf({ spec, is_hub: isHub }: Row): SyncOptions {
  const { options } = parseSyncOptions(spec.syncPolicy?.syncOptions ?? []);
  return isHub === true ? { ...options, createNamespace: false } : options;
}

/** Every target is asked about anyway, so what was last found in sync does not matter. */
function asKnown({ key, version, wave, appliedDigest, uid }: ResourceStatus): KnownObject {
  return { key, version, wave, appliedDigest, uid, fingerprint: '' };
}
