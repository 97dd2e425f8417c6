// API tokens for machines: random, shown once, stored as SHA-256 digests (256 random bits need no slow hash).
import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AppError, canonicalJson, type JsonValue } from '@wheelwright/kernel';
import {
  isProjectRoleName,
  isRole,
  type Actor,
  type ProjectRights,
  type ProjectRoleName,
  type Role,
} from '../actor.js';
import { unauthenticated } from './bearer.js';
import { ACCESS_OPTIONS, type AccessOptions } from './options.js';
import { ProjectRoles } from './project-role-store.js';
import { ShortCache } from './short-cache.js';

/** Every API token begins with it: it tells a token from a session, and secret scanners find it. */
export const TOKEN_PREFIX = 'wwt_';

/** A token as lists show it: never the token, never its digest. */
export interface ApiTokenView {
  readonly id: string;
  readonly name: string;
  readonly role: Role | ProjectRoleName;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
}

export interface NewApiToken {
  readonly name: string;
  readonly role: Role | ProjectRoleName;
  /** Days until it ends; absent: it does not end by itself. */
  readonly expiresInDays?: number;
}

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly created_by: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
}

const COLUMNS = 'id, name, role, created_by, created_at, expires_at';
const UNIQUE_VIOLATION = '23505';

@Injectable()
export class ApiTokens {
  private readonly byDigest: ShortCache<TokenRow | undefined>;
  private readonly byId: ShortCache<TokenRow | undefined>;

  constructor(
    @Inject(ACCESS_OPTIONS) private readonly options: AccessOptions,
    @Inject(ProjectRoles) private readonly projectRoles: ProjectRoles,
  ) {
    const now = (): number => options.clock.nowMs();
    this.byDigest = new ShortCache((digest) => this.readLive('digest', digest), now);
    this.byId = new ShortCache((id) => this.readLive('id', id), now);
  }

  /**
   * Makes a token. This answer is the only one that ever holds it. `Conflict` where a live token has the name, `InvalidRequest` where the project
   * does not declare the role.
   */
  async create(request: NewApiToken, actor: Actor): Promise<ApiTokenView & { readonly token: string }> {
    if (!isRole(request.role)) await this.projectRoles.assertDeclared(request.role);
    const token = TOKEN_PREFIX + randomBytes(32).toString('base64url');
    const { expiresInDays } = request;
    const expiresAt =
      expiresInDays === undefined ? null : new Date(this.options.clock.nowMs() + expiresInDays * 86_400_000);
    const { rows } = await this.options.store.pool
      .query<TokenRow>(
        `INSERT INTO api_tokens (name, digest, role, created_by, expires_at) VALUES ($1, $2, $3, $4, $5) RETURNING ${COLUMNS}`,
        [request.name, digestOfToken(token), request.role, actor.name, expiresAt],
      )
      .catch((error: unknown) => {
        if (isUniqueViolation(error))
          throw new AppError('Conflict', `A token named "${request.name}" exists; revoke it or choose another name`);
        throw error;
      });
    const [row] = rows;
    if (row === undefined) throw new AppError('Internal', 'The token was not stored');
    return { ...viewOf(row), token };
  }

  /** All tokens that are not revoked, by name. */
  async list(): Promise<ApiTokenView[]> {
    const { rows } = await this.options.store.pool.query<TokenRow>(
      `SELECT ${COLUMNS} FROM api_tokens WHERE revoked_at IS NULL ORDER BY name LIMIT 1000`,
    );
    return rows.map(viewOf);
  }

  /** Revokes a token by name: within seconds on every process. `NotFound` where there is none. The name is free again. */
  async revoke(name: string): Promise<void> {
    const { rows } = await this.options.store.pool.query<{ id: string; digest: string }>(
      'DELETE FROM api_tokens WHERE name = $1 RETURNING id, digest',
      [name],
    );
    const [row] = rows;
    if (row === undefined) throw new AppError('NotFound', `There is no token named "${name}"`);
    this.byDigest.forget(row.digest);
    this.byId.forget(row.id);
  }

  /** The actor of an API token; `Unauthenticated` for an unknown, expired or revoked one, and where its project role is gone. */
  async verify(token: string): Promise<Actor> {
    const actor = await this.actorOf(await this.byDigest.get(digestOfToken(token)));
    if (actor === undefined) throw unauthenticated();
    return actor;
  }

  /** Whether the token behind an actor would still be accepted, as the same actor with the same rights. */
  async stillValid(actor: Actor): Promise<boolean> {
    const now = await this.actorOf(await this.byId.get(actor.id));
    return now?.role === actor.role && textOf(now.rights) === textOf(actor.rights);
  }

  private async actorOf(row: TokenRow | undefined): Promise<Actor | undefined> {
    if (row === undefined) return undefined;
    const role = await this.roleOf(row.role);
    if (role === undefined) return undefined;
    const base = { id: row.id, name: `token:${row.name}`, ...role, via: 'token' } as const;
    if (row.expires_at === null) return base;
    const expiresAtMs = row.expires_at.getTime();
    return expiresAtMs > this.options.clock.nowMs() ? { ...base, expiresAtMs } : undefined;
  }

  private async roleOf(role: string): Promise<Pick<Actor, 'role' | 'rights'> | undefined> {
    if (isRole(role)) return { role };
    const rights = isProjectRoleName(role) ? await this.projectRoles.find(role) : undefined;
    return isProjectRoleName(role) && rights !== undefined ? { role, rights } : undefined;
  }

  private async readLive(column: 'id' | 'digest', value: string): Promise<TokenRow | undefined> {
    const { rows } = await this.options.store.pool.query<TokenRow>(
      `SELECT ${COLUMNS} FROM api_tokens WHERE ${column} = $1 AND revoked_at IS NULL`,
      [value],
    );
    return rows[0];
  }
}

function viewOf(row: TokenRow): ApiTokenView {
  return {
    id: row.id,
    name: row.name,
    role: isRole(row.role) || isProjectRoleName(row.role) ? row.role : 'readonly',
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at.toISOString() }),
  };
}

/** Rights as one text: the same rights, the same text. */
function textOf(rights: ProjectRights | undefined): string {
  return rights === undefined ? '' : canonicalJson(rights as ProjectRights & JsonValue);
}

function digestOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;
}
