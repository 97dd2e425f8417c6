// Who calls: the values that every decision of this room takes.

/** The roles there are. `admin` may do everything; `readonly` may look at everything that is not a credential. */
export const ROLES = ['admin', 'readonly'] as const;

export type Role = (typeof ROLES)[number];

/** Narrows a text (a column, a request) to a role. */
export function isRole(text: unknown): text is Role {
  return typeof text === 'string' && (ROLES as readonly string[]).includes(text);
}

/** An authenticated caller. It holds no credential. */
export interface Actor {
  /** Id of the user or of the API token. */
  readonly id: string;
  /** Name of the user, or `token:<name>` for an API token: what history and audit show. */
  readonly name: string;
  readonly role: Role;
  readonly via: 'session' | 'token';
  /** When the credential ends, in milliseconds since the epoch; absent: never by itself. */
  readonly expiresAtMs?: number;
  /** The user's session epoch that the session was issued under; absent for API tokens. */
  readonly sessionEpoch?: number;
}
