// A question about a set in, the answer in its row out: the expansion is tried on the real catalogue in a transaction that is always taken back.
import type { Application, ApplicationSet, ApplicationSpec, CatalogueObject } from '@wheelwright/intent';
import { AppError, ApplicationSetId, done, toAppError, type JsonObject, type Outcome } from '@wheelwright/kernel';
import type { Signals } from '@wheelwright/platform-queue';
import type { Store } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import type { ApplicationCatalogue } from '../ports.js';
import { previewOf, type PreviewInput, type PreviewRequest, type SetPreview } from '../preview.js';
import { loadSet } from './facts.js';
import type { RevisionOverride } from './gatherer.js';
import { PREVIEWS_CHANNEL, type PreviewError } from './preview-desk.js';
import { issuesOf } from './outcome-issues.js';
import { changeOf } from './set-change.js';
import type { PreparedExpansion } from './set-expander.js';

/** Gathers facts for expansions that are not written. Waits for repositories that were not read before, until the signal aborts. */
export interface TrialExpander {
  prepare(
    set: ApplicationSet,
    options: { readonly override?: RevisionOverride; readonly signal: AbortSignal },
  ): Promise<PreparedExpansion>;
}

/** The catalogue, as far as a trial writes to it. */
export interface TrialCatalogue extends ApplicationCatalogue<PoolClient> {
  applyObjects(
    tx: PoolClient,
    objects: readonly CatalogueObject[],
    options: { readonly dryRun: boolean },
  ): Promise<unknown>;
}

export interface PreviewerParts {
  readonly store: Store;
  readonly signals: Signals;
  readonly expander: TrialExpander;
  readonly catalogue: TrialCatalogue;
}

interface PreviewRow {
  readonly request: PreviewRequest;
}

/** Answered questions, and questions nobody waits for any more, are deleted after this long. */
const KEPT_MINUTES = 60;
/** A trial that meets the lock of an expansion under way waits this long. */
const LOCK_TIMEOUT_MS = 10_000;

/** Answers previews. Answering twice comes to the same. */
export class Previewer {
  constructor(private readonly parts: PreviewerParts) {}

  /** Answers the question of a row, once; failures are answers too. */
  async run(id: string, signal: AbortSignal): Promise<Outcome> {
    const { store, signals } = this.parts;
    const { rows } = await store.pool.query<PreviewRow>(
      `SELECT request FROM previews WHERE id = $1 AND finished_at IS NULL`,
      [id],
    );
    const [row] = rows;
    if (row === undefined) return done;
    const outcome = await this.tryPreview(row.request, signal);
    const [answer, error] = 'preview' in outcome ? [outcome.preview, null] : [null, outcome.error];
    await store.pool.query(
      `UPDATE previews SET answer = $2, error = $3, finished_at = now() WHERE id = $1 AND finished_at IS NULL`,
      [id, answer === null ? null : JSON.stringify(answer), error === null ? null : JSON.stringify(error)],
    );
    await signals.publish(PREVIEWS_CHANNEL, [id]);
    return done;
  }

  /** What the set would come to now. Throws NotFound, and whatever makes an expansion fail. */
  async preview(request: PreviewRequest, signal: AbortSignal): Promise<SetPreview> {
    const set = 'name' in request.set ? await this.declared(request.set.name) : request.set;
    const override =
      request.revision === undefined
        ? {}
        : {
            override: {
              revision: request.revision,
              ...(request.repoURL === undefined ? {} : { repoURL: request.repoURL }),
            },
          };
    const prepared = await this.parts.expander.prepare(set, { ...override, signal });
    return this.tryOut(set, prepared, request.along ?? []);
  }

  /** Forgets old questions. */
  async prune(): Promise<void> {
    await this.parts.store.pool.query(`DELETE FROM previews WHERE created_at < now() - make_interval(mins => $1)`, [
      KEPT_MINUTES,
    ]);
  }

  private async tryPreview(
    request: PreviewRequest,
    signal: AbortSignal,
  ): Promise<{ readonly preview: SetPreview } | { readonly error: PreviewError }> {
    try {
      return { preview: await this.preview(request, signal) };
    } catch (error) {
      const { code, message, faults } = toAppError(error, 'Internal', 'the preview failed');
      return { error: { code, message, faults } };
    }
  }

  private async declared(name: string): Promise<ApplicationSet> {
    const { rows } = await this.parts.store.pool.query<{ id: string }>(
      `SELECT id FROM application_sets WHERE name = $1`,
      [name],
    );
    const [row] = rows;
    const loaded =
      row === undefined ? undefined : await loadSet(this.parts.store.pool, ApplicationSetId(row.id), 'read');
    if (loaded === undefined) throw new AppError('NotFound', `there is no ApplicationSet ${name}`);
    return loaded.set;
  }

  /** Writes everything as an expansion would, reads what it came to, and takes it back. */
  private async tryOut(
    set: ApplicationSet,
    prepared: PreparedExpansion,
    along: readonly CatalogueObject[],
  ): Promise<SetPreview> {
    const { store, catalogue } = this.parts;
    return store.tx(async (client) => {
      await client.query(`SET LOCAL lock_timeout = ${String(LOCK_TIMEOUT_MS)}`);
      const { name } = set.metadata;
      const known = await client.query('SELECT 1 FROM application_sets WHERE name = $1', [name]);
      await client.query('SAVEPOINT trial');
      await catalogue.applyObjects(client, [...along, { kind: 'ApplicationSet', object: set }], { dryRun: false });
      const expansion = await prepared.expandOn(client);
      const id = await idOf(client, name);
      const all = await namesOf(client, id);
      const before = await applicationsOf(client, all);
      const leaving = await resourcesOf(client, id);
      const result = await catalogue.replaceSetApplications(client, changeOf(id, set, expansion));
      const after = await applicationsOf(client, result.updated);
      await client.query('ROLLBACK TO SAVEPOINT trial');
      const input: PreviewInput = {
        set: name,
        exists: (known.rowCount ?? 0) > 0,
        expansion: { ...expansion, issues: issuesOf(expansion, result) },
        result,
        before,
        after,
        leaving,
      };
      return previewOf(input);
    });
  }
}

async function idOf(client: PoolClient, name: string): Promise<ApplicationSetId> {
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM application_sets WHERE name = $1 FOR UPDATE`, [
    name,
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('the set was not written');
  return ApplicationSetId(row.id);
}

async function namesOf(client: PoolClient, id: ApplicationSetId): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM applications WHERE set_id = $1`, [id]);
  return rows.map(({ name }) => name);
}

interface ApplicationRow {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly finalizers: string[];
  readonly spec: ApplicationSpec & JsonObject;
}

async function applicationsOf(client: PoolClient, names: readonly string[]): Promise<ReadonlyMap<string, Application>> {
  const { rows } = await client.query<ApplicationRow>(
    `SELECT name, namespace, labels, annotations, finalizers, spec FROM applications WHERE name = ANY ($1::text[])`,
    [names],
  );
  return new Map(rows.map(({ spec, ...metadata }) => [metadata.name, { metadata, spec }]));
}

async function resourcesOf(client: PoolClient, id: ApplicationSetId): Promise<PreviewInput['leaving']> {
  const { rows } = await client.query<{ name: string; cascade: boolean; resources: number }>(
    `SELECT a.name, EXISTS (SELECT 1 FROM unnest(a.finalizers) AS f WHERE f LIKE 'resources-finalizer.argocd.argoproj.io%') AS cascade,
       (SELECT count(*)::int FROM resources r WHERE r.application_id = a.id) AS resources
     FROM applications a WHERE a.set_id = $1`,
    [id],
  );
  return new Map(rows.map(({ name, cascade, resources }) => [name, { cascade, resources }]));
}
