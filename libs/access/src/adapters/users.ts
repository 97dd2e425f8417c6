// Local users: their passwords as argon2id hashes, the first administrator.
import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '@wheelwright/kernel';
import { hash, verify, type Options } from '@node-rs/argon2';
import { isRole, type Role } from '../actor.js';
import { ACCESS_OPTIONS, type AccessOptions } from './options.js';
import { ShortCache } from './short-cache.js';

/** OWASP's first choice for argon2id (the library's default algorithm): 19 MiB, two passes, one lane. */
const ARGON2: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
export const FIRST_ADMINISTRATOR = 'admin';
const MIN_PASSWORD_LENGTH = 8;

export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly sessionEpoch: number;
}

interface StoredUser extends UserRow {
  readonly passwordHash: string;
}

const COLUMNS = 'id, username, role, disabled, session_epoch AS "sessionEpoch", password_hash AS "passwordHash"';

@Injectable()
export class Users {
  /** Verified where no user has the name, so that a wrong name costs what a wrong password costs. */
  private readonly dummyHash = hash(randomBytes(16), ARGON2);
  private readonly byId: ShortCache<UserRow | undefined>;

  constructor(@Inject(ACCESS_OPTIONS) private readonly options: AccessOptions) {
    this.byId = new ShortCache(
      (id) => this.read('id', id),
      () => options.clock.nowMs(),
    );
  }

  /** The user with this id as of at most five seconds ago. */
  async find(id: string): Promise<UserRow | undefined> {
    return this.byId.get(id);
  }

  /** The user whose name and password these are; `undefined` otherwise, after the same work. */
  async withPassword(username: string, password: string): Promise<UserRow | undefined> {
    const user = await this.read('username', username);
    const matches = await verify(user?.passwordHash ?? (await this.dummyHash), password);
    return matches && user !== undefined && !user.disabled ? user : undefined;
  }

  /**
   * Makes the user `admin` where it is missing; with a password given, an existing `admin` gets that password (and its sessions end)
   * if it had another one. Answers the generated password where there was no user and none was given: it is shown once and kept nowhere.
   */
  async ensureFirstAdministrator(password: string | undefined): Promise<{ readonly generatedPassword?: string }> {
    if (password !== undefined && password.length < MIN_PASSWORD_LENGTH) {
      throw new AppError(
        'InvalidRequest',
        `The administrator's password must have ${String(MIN_PASSWORD_LENGTH)} characters or more`,
      );
    }
    const { rows } = await this.options.store.pool.query<{ users: string }>('SELECT count(*) AS users FROM users');
    if (password === undefined && rows[0]?.users !== '0') return {};
    const chosen = password ?? randomBytes(18).toString('base64url');
    const existing = await this.read('username', FIRST_ADMINISTRATOR);
    if (existing !== undefined && (await verify(existing.passwordHash, chosen))) return {};
    const stored = await this.options.store.pool.query(
      `INSERT INTO users (username, password_hash, role) VALUES ($1, $2, 'admin')
       ON CONFLICT (username) DO UPDATE SET password_hash = excluded.password_hash, session_epoch = users.session_epoch + 1 WHERE $3`,
      [FIRST_ADMINISTRATOR, await hash(chosen, ARGON2), password !== undefined],
    );
    // Another hub that started at the same moment won: its password is the one that was printed.
    return password === undefined && stored.rowCount === 1 ? { generatedPassword: chosen } : {};
  }

  /** Ends all sessions of a user: within seconds on every process, at once on this one. */
  async endSessions(id: string): Promise<void> {
    await this.options.store.pool.query('UPDATE users SET session_epoch = session_epoch + 1 WHERE id = $1', [id]);
    this.byId.forget(id);
  }

  private async read(column: 'id' | 'username', value: string): Promise<StoredUser | undefined> {
    const { rows } = await this.options.store.pool.query<StoredUser>(
      `SELECT ${COLUMNS} FROM users WHERE ${column} = $1`,
      [value],
    );
    const [row] = rows;
    return row !== undefined && isRole(row.role) ? row : undefined;
  }
}
