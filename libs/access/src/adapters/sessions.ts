// Sessions of local users: a signed, expiring token (JWT, HS256) that names the user and the session epoch it was issued under.
import { createSecretKey, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Passport } from 'passport';
import { Strategy } from 'passport-jwt';
import { z } from 'zod';
import type { Actor } from '../actor.js';
import { unauthenticated } from './bearer.js';
import { LoginLimiter, type LoginSource } from './login-limiter.js';
import { ACCESS_OPTIONS, type AccessOptions } from './options.js';
import { SigningKeys } from './signing-keys.js';
import { Users, type UserRow } from './users.js';

export const SESSION_MS = 12 * 3_600_000;
const ISSUER = 'wheelwright';
const AUDIENCE = 'wheelwright-hub';
const ALGORITHM = 'HS256';

const claimsSchema = z.object({ sub: z.uuid(), epoch: z.int(), exp: z.int() });
const headerSchema = z.object({ alg: z.literal(ALGORITHM), kid: z.uuid() });

/** What a login answers. `expiresAt` is an RFC 3339 time. */
export interface SessionGrant {
  readonly token: string;
  readonly expiresAt: string;
}

export interface LoginRequest extends LoginSource {
  readonly password: string;
}

@Injectable()
export class Sessions {
  private readonly passport = new Passport();
  private readonly jwt = new JwtService();

  constructor(
    @Inject(ACCESS_OPTIONS) private readonly options: AccessOptions,
    @Inject(SigningKeys) private readonly keys: SigningKeys,
    @Inject(Users) private readonly users: Users,
    @Inject(LoginLimiter) private readonly limiter: LoginLimiter,
  ) {
    this.passport.use('session', this.strategy());
  }

  /** Issues a session. `Unauthenticated` for a wrong name, a wrong password and a disabled user alike; `TooManyRequests` past the limiter. */
  async login(request: LoginRequest): Promise<SessionGrant> {
    await this.limiter.attempt(request);
    const user = await this.users.withPassword(request.username, request.password);
    if (user === undefined) throw unauthenticated();
    await this.limiter.succeeded(request);
    return this.issue(user);
  }

  /** The actor of a session token; `Unauthenticated` for anything else. */
  async verify(token: string): Promise<Actor> {
    const claims = claimsSchema.safeParse(await this.verifiedClaims(token));
    if (!claims.success) throw unauthenticated();
    const actor = await this.actorOf(claims.data.sub, claims.data.epoch, claims.data.exp * 1_000);
    if (actor === undefined) throw unauthenticated();
    return actor;
  }

  /** Whether the session behind an actor would still be accepted, as the same actor. */
  async stillValid(actor: Actor): Promise<boolean> {
    const { sessionEpoch, expiresAtMs } = actor;
    if (sessionEpoch === undefined || expiresAtMs === undefined) return false;
    const now = await this.actorOf(actor.id, sessionEpoch, expiresAtMs);
    return now !== undefined && now.role === actor.role && expiresAtMs > this.options.clock.nowMs();
  }

  private async actorOf(id: string, epoch: number, expiresAtMs: number): Promise<Actor | undefined> {
    const user = await this.users.find(id);
    if (user === undefined || user.disabled || user.sessionEpoch !== epoch) return undefined;
    return { id, name: user.username, role: user.role, via: 'session', expiresAtMs, sessionEpoch: epoch };
  }

  private async issue(user: UserRow): Promise<SessionGrant> {
    const key = await this.keys.current();
    const issuedAt = Math.floor(this.options.clock.nowMs() / 1_000);
    const exp = issuedAt + SESSION_MS / 1_000;
    const token = await this.jwt.signAsync(
      { sub: user.id, epoch: user.sessionEpoch, iat: issuedAt, exp, iss: ISSUER, aud: AUDIENCE },
      { secret: key.secret, algorithm: ALGORITHM, keyid: key.id },
    );
    return { token, expiresAt: new Date(exp * 1_000).toISOString() };
  }

  /** Algorithm, issuer, audience and expiry are pinned here; the header's key id only picks one of our own keys. */
  private strategy(): Strategy {
    return new Strategy(
      {
        jwtFromRequest: (request: { readonly sessionToken?: string }) => request.sessionToken ?? null,
        secretOrKeyProvider: (_request: unknown, token: string, done: (error: unknown, secret?: Buffer) => void) => {
          this.secretFor(token).then(
            (secret) => {
              (done as KeyDone)(null, secret);
            },
            (error: unknown) => {
              done(error);
            },
          );
        },
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
      },
      (claims: object, done: (error: unknown, user?: object) => void) => {
        done(null, claims);
      },
    );
  }

  /** As a key object: given bytes, the verifier first tries to parse them as a public key, which costs more than the rest of a request's checks. */
  private async secretFor(token: string): Promise<KeyObject | undefined> {
    const header = headerSchema.safeParse(decodedHeader(token));
    const key = header.success ? await this.keys.find(header.data.kid) : undefined;
    return key === undefined ? undefined : createSecretKey(key.secret);
  }

  private async verifiedClaims(token: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown, claims: unknown): void => {
        if (error === null || error === undefined) resolve(claims);
        else reject(error instanceof Error ? error : new Error('the session could not be verified'));
      };
      // Its types say `any`: a middleware of request, response and next. The callback makes it answer instead of writing a response.
      const authenticate = this.passport.authenticate('session', { session: false }, done) as Middleware;
      authenticate({ sessionToken: token }, {}, reject);
    });
  }
}

/** The strategy's types know strings and buffers only; what verifies the token in the end takes a key object too. */
type KeyDone = (error: unknown, secret?: unknown) => void;

type Middleware = (request: object, response: object, next: (error: Error) => void) => void;

function decodedHeader(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
