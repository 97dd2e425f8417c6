// A notification is a hint: all that it can do is to bring the next look at a known repository, or the next expansion of a set, forward.
import { Inject, Injectable } from '@nestjs/common';
import { AppError, type JsonValue } from '@wheelwright/kernel';
import { enqueue, expandSoon } from '@wheelwright/platform-store';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { ownerSubjects, pullRequestSubjects } from './host-event.js';
import { eventOf, parsePush, revisionsOf, type Push } from './payload.js';
import { ReplayGuard } from './replay-guard.js';
import { isAuthentic } from './signature.js';

export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The bytes as they came. */
  readonly rawBody: Uint8Array;
}

export interface WebhookAnswer {
  /** `ignored`: no event that matters here, or one of nothing that an Application or a set follows. */
  readonly result: 'accepted' | 'ignored' | 'duplicate';
  /** How many repositories are looked at now. */
  readonly repositories: number;
  /** How many sets are expanded now. */
  readonly applicationSets: number;
}

type Woken = Partial<Pick<WebhookAnswer, 'repositories' | 'applicationSets'>>;

@Injectable()
export class WebhooksService {
  readonly #guard = new ReplayGuard();

  constructor(@Inject(HUB_PARTS) private readonly parts: HubParts) {}

  /** Whether there is a secret to check notifications with. */
  get isConfigured(): boolean {
    return this.parts.config.webhookSecret !== undefined;
  }

  /** Throws Unauthenticated for a request that is not signed, InvalidRequest for one that no provider sends. */
  async receive(request: WebhookRequest): Promise<WebhookAnswer> {
    const secret = this.parts.config.webhookSecret;
    if (secret === undefined) throw new AppError('Unavailable', 'No webhook secret is set');
    const event = eventOf(request.headers);
    if (event === undefined)
      throw new AppError('InvalidRequest', 'Only notifications of GitHub, GitLab and Gitea are taken');
    if (!isAuthentic(event.provider, secret.reveal(), request)) {
      throw new AppError('Unauthenticated', 'The notification is not signed with WHEELWRIGHT_WEBHOOK_SECRET');
    }
    const wake = this.#effectOf(event, request.rawBody);
    if (wake === undefined) return { result: 'ignored', repositories: 0, applicationSets: 0 };
    if (!this.#guard.isNew(request.rawBody, this.parts.clock.nowMs()))
      return { result: 'duplicate', repositories: 0, applicationSets: 0 };
    const { repositories = 0, applicationSets = 0 } = await wake();
    return { result: repositories + applicationSets === 0 ? 'ignored' : 'accepted', repositories, applicationSets };
  }

  /** What the event asks for; undefined where it asks for nothing. */
  #effectOf(event: NonNullable<ReturnType<typeof eventOf>>, rawBody: Uint8Array): (() => Promise<Woken>) | undefined {
    switch (event.kind) {
      case 'other':
        return undefined;
      case 'push': {
        const push = parsePush(parseJson(rawBody));
        return push === undefined ? undefined : async () => ({ repositories: await this.#wake(push) });
      }
      case 'pullRequest': {
        const subjects = pullRequestSubjects(event.provider, parseJson(rawBody));
        return subjects.length === 0 ? undefined : async () => ({ applicationSets: await this.#expand(subjects) });
      }
      case 'repository': {
        const subjects = ownerSubjects(event.provider, parseJson(rawBody));
        return subjects.length === 0 ? undefined : async () => ({ applicationSets: await this.#expand(subjects) });
      }
    }
  }

  /** Has exactly those sets expanded that read one of the subjects. */
  #expand(subjects: readonly string[]): Promise<number> {
    return this.parts.store.tx(async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `SELECT DISTINCT set_id AS id FROM set_dependencies WHERE kind = 'pullRequests' AND subject = ANY($1) ORDER BY id`,
        [subjects],
      );
      await expandSoon(
        client,
        rows.map((row) => row.id),
      );
      return rows.length;
    });
  }

  /** Asks for a look at the repositories that are known by one of the addresses and follow one of the refs. */
  #wake(push: Push): Promise<number> {
    return this.parts.store.tx(async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `SELECT r.id FROM repositories r WHERE lower(r.url) = ANY($1)
           AND ($2::text[] = '{}' OR EXISTS (
             SELECT 1 FROM repository_refs f WHERE f.repository_id = r.id AND f.revision = ANY($2)
             UNION ALL SELECT 1 FROM applications a WHERE a.repository_id = r.id AND a.target_revision = ANY($2)))`,
        [push.repoURLs, revisionsOf(push)],
      );
      await enqueue(
        client,
        'source',
        rows.map((row) => row.id),
      );
      return rows.length;
    });
  }
}

function parseJson(body: Uint8Array): JsonValue {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as JsonValue;
  } catch (error) {
    throw new AppError('InvalidRequest', 'The notification is not JSON; choose application/json at the provider', {
      cause: error,
    });
  }
}
