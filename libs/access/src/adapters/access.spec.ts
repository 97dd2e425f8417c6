import { createHmac, randomBytes } from 'node:crypto';
import { Controller, Get, Injectable, Module, type DynamicModule, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JwtService } from '@nestjs/jwt';
import { Query, Resolver } from '@nestjs/graphql';
import { AppError } from '@wheelwright/kernel';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../actor.js';
import type { Sealer } from '../ports.js';
import { ApiTokens } from './api-tokens.js';
import { Authenticator } from './authenticator.js';
import { AccessModule } from './access.module.js';
import { bearerToken } from './bearer.js';
import { LoginLimiter } from './login-limiter.js';
import type { AccessOptions } from './options.js';
import { Allow, Public } from './policy.js';
import { ProjectRoles } from './project-role-store.js';
import { Sessions } from './sessions.js';
import { SigningKeys } from './signing-keys.js';
import { Users } from './users.js';

const PASSWORD = 'a long enough password';
/** Not a cipher: what this room needs of one is that it gets its value back under the same name only. */
const sealer: Sealer = {
  seal: (plaintext, aad) => ({
    keyId: aad,
    wrappedKey: new Uint8Array([1]),
    ciphertext: plaintext.map((byte) => byte ^ 0x5a),
  }),
  open: ({ keyId, ciphertext }, aad) => {
    if (keyId !== aad) throw new AppError('CredentialsUnreadable', 'sealed for another row');
    return ciphertext.map((byte) => byte ^ 0x5a);
  },
};

let test: TestStore;
let nowMs = 0;
let passwords = 0;

/** The room as one process has it; several share the database. */
function openRoom() {
  const options: AccessOptions = { store: test.store, sealer, clock: { nowMs: () => nowMs } };
  const keys = new SigningKeys(options);
  const users = new Users(options);
  const sessions = new Sessions(options, keys, users, new LoginLimiter(options));
  const tokens = new ApiTokens(options, new ProjectRoles(options));
  return { keys, users, sessions, tokens, authenticator: new Authenticator(sessions, tokens) };
}

type Room = ReturnType<typeof openRoom>;

const login = (room: Room, changes: Partial<Parameters<Sessions['login']>[0]> = {}) =>
  room.sessions.login({ username: 'admin', password: PASSWORD, address: '192.0.2.1', ...changes });

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
}

beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.drop());
beforeEach(async () => {
  nowMs = Date.now();
  await test.store.pool.query('TRUNCATE users, api_tokens, login_attempts, signing_keys');
  await openRoom().users.ensureFirstAdministrator(PASSWORD);
});

describe('first administrator', () => {
  it('is made with a generated password once, where there is no user', async () => {
    await test.store.pool.query('TRUNCATE users');
    const first = await openRoom().users.ensureFirstAdministrator(undefined);
    expect(first.generatedPassword?.length).toBeGreaterThanOrEqual(24);
    expect(await openRoom().users.ensureFirstAdministrator(undefined)).toEqual({});
    expect((await login(openRoom(), { password: first.generatedPassword ?? '' })).token).not.toBe('');
  });

  it('takes a changed password from the environment, which ends its sessions', async () => {
    const { token } = await login(openRoom());
    expect(await openRoom().users.ensureFirstAdministrator('another long password')).toEqual({});
    expect(await codeOf(openRoom().authenticator.authenticate(token))).toBe('Unauthenticated');
    expect(await codeOf(login(openRoom()))).toBe('Unauthenticated');
    expect(await codeOf(login(openRoom(), { password: 'another long password' }))).toBe('none');
  });

  it('refuses a short password and stores argon2id hashes', async () => {
    expect(await codeOf(openRoom().users.ensureFirstAdministrator('short'))).toBe('InvalidRequest');
    const { rows } = await test.store.pool.query<{ password_hash: string }>('SELECT password_hash FROM users');
    expect(rows[0]?.password_hash).toMatch(/^\$argon2id\$/);
  });
});

describe('JWT: audience, issuer, alg, expiry, anonymous', () => {
  it('accepts its own session for twelve hours, on every process', async () => {
    const grant = await login(openRoom());
    expect(Date.parse(grant.expiresAt) - nowMs).toBeGreaterThan(11.9 * 3_600_000);
    const actor = await openRoom().authenticator.authenticate(grant.token);
    expect(actor).toMatchObject({ name: 'admin', role: 'admin', via: 'session' });
  });

  it('refuses everything that it did not sign exactly so', async () => {
    const room = openRoom();
    const { token } = await login(room);
    const key = await room.keys.current();
    const { sub } = new JwtService().decode<{ sub: string }>(token);
    const now = Math.floor(Date.now() / 1_000);
    const claims = { sub, epoch: 0, iat: now, exp: now + 60, iss: 'wheelwright', aud: 'wheelwright-hub' };
    const sign = (changes: object, header: object = {}, secret = key.secret): string => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const body = `${part({ alg: 'HS256', typ: 'JWT', kid: key.id, ...header })}.${part({ ...claims, ...changes })}`;
      return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
    };
    expect(await codeOf(room.authenticator.authenticate(sign({})))).toBe('none');
    const refused: Record<string, string> = {
      'wrong audience': sign({ aud: 'other' }),
      'wrong issuer': sign({ iss: 'other' }),
      'no audience': sign({ aud: undefined }),
      expired: sign({ exp: now - 10 }),
      'no expiry': sign({ exp: undefined }),
      'other secret': sign({}, {}, randomBytes(64)),
      'unknown key': sign({}, { kid: '00000000-0000-4000-8000-000000000000' }),
      'no key': sign({}, { kid: undefined }),
      'alg none': `${sign({}, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`,
      'other algorithm': sign({}, { alg: 'RS256' }),
      'unknown user': sign({ sub: '00000000-0000-4000-8000-000000000000' }),
      'other epoch': sign({ epoch: 7 }),
      oversized: sign({ pad: 'x'.repeat(5_000) }),
      'no token': 'nonsense',
      empty: '',
    };
    for (const [what, forged] of Object.entries(refused)) {
      expect([what, await codeOf(room.authenticator.authenticate(forged))]).toEqual([what, 'Unauthenticated']);
    }
  });

  it('refuses two Authorization headers and other schemes', () => {
    const request = (rawHeaders: string[], authorization?: string) => () =>
      bearerToken({ headers: { authorization }, raw: { rawHeaders } });
    expect(request(['Authorization', 'Bearer a'], 'Bearer a')()).toBe('a');
    expect(request(['Authorization', 'Bearer a', 'authorization', 'Bearer b'], 'Bearer a')).toThrow(AppError);
    for (const header of [
      undefined,
      '',
      'Basic a',
      'Bearer',
      'Bearer a b',
      'Bearer a,Bearer b',
      `Bearer ${'a'.repeat(5_000)}`,
    ]) {
      expect(request([], header)).toThrow(AppError);
    }
  });

  it('revokes within ten seconds elsewhere and at once here: logged out, disabled, role taken', async () => {
    const [here, elsewhere] = [openRoom(), openRoom()];
    const { token } = await login(here);
    const actor = await here.authenticator.authenticate(token);
    await elsewhere.authenticator.authenticate(token);
    await here.users.endSessions(actor.id);
    expect(await codeOf(here.authenticator.authenticate(token))).toBe('Unauthenticated');
    nowMs += 9_000;
    expect(await codeOf(elsewhere.authenticator.authenticate(token))).toBe('Unauthenticated');
    expect(await elsewhere.authenticator.stillValid(actor)).toBe(false);

    const again = await here.authenticator.authenticate((await login(here)).token);
    expect(await here.authenticator.stillValid(again)).toBe(true);
    await test.store.pool.query(`UPDATE users SET role = 'readonly'`);
    nowMs += 9_000;
    expect(await here.authenticator.stillValid(again)).toBe(false);
    await test.store.pool.query('UPDATE users SET disabled = true');
    expect(await codeOf(login(here))).toBe('Unauthenticated');
  });

  it('agrees on one signing key when several processes start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 4 }, async () => (await openRoom().keys.current()).id));
    expect(new Set(keys).size).toBe(1);
  });
});

describe('Brute force and enumeration', () => {
  it('counts failures by name across restarts, known name or not', async () => {
    for (const username of ['admin', 'nobody']) {
      for (let n = 0; n < 10; n += 1) {
        expect(
          await codeOf(login(openRoom(), { username, password: `wrong ${passwords++}`, address: `192.0.2.${n}` })),
        ).toBe('Unauthenticated');
      }
      expect(await codeOf(login(openRoom(), { username, address: '198.51.100.1' }))).toBe('TooManyRequests');
    }
    nowMs += 16 * 60_000;
    expect(await codeOf(login(openRoom()))).toBe('none');
  });

  it('counts failures by address over many names', async () => {
    const room = openRoom();
    const codes = [];
    for (let n = 0; n < 51; n += 1) codes.push(await codeOf(login(room, { username: `user${n}`, password: 'wrong' })));
    expect([codes[49], codes[50]]).toEqual(['Unauthenticated', 'TooManyRequests']);
  });

  it('forgets the failures of a name that logs in', async () => {
    const room = openRoom();
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 8; n += 1) await codeOf(login(room, { password: 'wrong' }));
      expect(await codeOf(login(room))).toBe('none');
    }
  });

  it('keeps no name in its table', async () => {
    await codeOf(login(openRoom(), { username: 'typed-my-password-here' }));
    const { rows } = await test.store.pool.query('SELECT subject FROM login_attempts');
    expect(JSON.stringify(rows)).not.toContain('typed-my-password-here');
  });
});

describe('tokens of project roles', () => {
  const admin: Actor = { id: 'x', name: 'admin', role: 'admin', via: 'session' };
  const declare = (...roles: readonly object[]) =>
    test.store.pool.query(
      `INSERT INTO projects (name, spec, digest) VALUES ('shop', $1, '') ON CONFLICT (name) DO UPDATE SET spec = excluded.spec`,
      [JSON.stringify({ roles })],
    );
  const ci = (...policies: readonly string[]) => ({ name: 'ci', policies });

  it('need a role that the project declares', async () => {
    await declare(ci());
    const { tokens } = openRoom();
    for (const role of ['proj:shop:other', 'proj:nowhere:ci'] as const)
      expect(await codeOf(tokens.create({ name: 'a', role }, admin))).toBe('InvalidRequest');
    const created = await tokens.create({ name: 'a', role: 'proj:shop:ci' }, admin);
    expect(created.role).toBe('proj:shop:ci');
    expect(await tokens.list()).toMatchObject([{ name: 'a', role: 'proj:shop:ci' }]);
  });

  it('Live sessions lose rights when revoked: a changed or removed role counts within ten seconds', async () => {
    await declare(ci('p, proj:shop:ci, applications, sync, shop/*, allow'));
    const room = openRoom();
    const { token } = await room.tokens.create({ name: 'a', role: 'proj:shop:ci' }, admin);
    const actor = await room.authenticator.authenticate(token);
    expect(actor.rights?.grants.map(({ resource, action }) => `${resource}, ${action}`)).toEqual([
      'projects, get',
      'applications, sync',
    ]);
    nowMs += 6_000;
    expect(await room.authenticator.stillValid(actor)).toBe(true);

    await declare(ci('p, proj:shop:ci, applications, get, shop/*, allow'));
    nowMs += 6_000;
    expect(await room.authenticator.stillValid(actor)).toBe(false);
    const changed = await room.authenticator.authenticate(token);
    expect(changed.rights?.grants.map(({ action }) => action)).toEqual(['get', 'get']);

    await declare({ name: 'other' });
    nowMs += 6_000;
    expect(await codeOf(room.authenticator.authenticate(token))).toBe('Unauthenticated');
    expect(await room.authenticator.stillValid(changed)).toBe(false);

    await declare(ci());
    await test.store.pool.query(`DELETE FROM projects WHERE name = 'shop'`);
    nowMs += 6_000;
    expect(await codeOf(room.authenticator.authenticate(token))).toBe('Unauthenticated');
  });
});

describe('API tokens', () => {
  const admin: Actor = { id: 'x', name: 'admin', role: 'admin', via: 'session' };

  it('are shown once, stored as digests, expire and can be revoked', async () => {
    const room = openRoom();
    const created = await room.tokens.create({ name: 'ci', role: 'readonly', expiresInDays: 1 }, admin);
    expect(created.token).toMatch(/^wwt_[A-Za-z0-9_-]{43}$/);
    const { rows } = await test.store.pool.query('SELECT * FROM api_tokens');
    expect(JSON.stringify(rows)).not.toContain(created.token);
    expect(await room.tokens.list()).toEqual([expect.not.objectContaining({ token: expect.anything() })]);
    const actor = await room.authenticator.authenticate(created.token);
    expect(actor).toMatchObject({ name: 'token:ci', role: 'readonly', via: 'token' });
    expect(await codeOf(room.tokens.create({ name: 'ci', role: 'admin' }, admin))).toBe('Conflict');
    nowMs += 2 * 86_400_000;
    expect(await codeOf(room.authenticator.authenticate(created.token))).toBe('Unauthenticated');
    expect(await room.authenticator.stillValid(actor)).toBe(false);
    nowMs -= 2 * 86_400_000;
    await room.tokens.revoke('ci');
    expect(await codeOf(room.authenticator.authenticate(created.token))).toBe('Unauthenticated');
    expect(await codeOf(room.tokens.revoke('ci'))).toBe('NotFound');
  });
});

@Controller('open')
class OpenController {
  @Public()
  @Get()
  read(): string {
    return 'open';
  }
}

@Controller('forgotten')
class ForgottenController {
  @Get('a')
  first(): string {
    return 'a';
  }

  @Allow('clusters:read')
  @Get('b')
  second(): string {
    return 'b';
  }
}

@Resolver()
@Injectable()
class ForgottenResolver {
  @Query(() => String)
  peek(): string {
    return 'x';
  }
}

@Module({})
class TestModule {}

describe('Scope is enforced on every path', () => {
  const start = async (
    controllers: (typeof OpenController | typeof ForgottenController)[],
    providers: (typeof ForgottenResolver)[],
  ) => {
    const access = AccessModule.registerAsync({
      inject: [],
      useFactory: (): AccessOptions => ({ store: test.store, sealer, clock: { nowMs: () => nowMs } }),
    });
    const root: DynamicModule = { module: TestModule, imports: [access], controllers, providers };
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares plain options as a class
    const options: NestApplicationOptions = { logger: false, abortOnError: false };
    const app = await NestFactory.createApplicationContext(root, options);
    await app.close();
  };

  it('starts where every handler has a policy', async () => {
    await expect(start([OpenController], [])).resolves.toBeUndefined();
  });

  it('stops the start and names each route and resolver that lacks one', async () => {
    await expect(start([OpenController, ForgottenController], [ForgottenResolver])).rejects.toThrow(
      /no policy on ForgottenController\.first, ForgottenResolver\.peek:/,
    );
  });
});
