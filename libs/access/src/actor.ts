// Who calls: the values that every decision of this room takes.
import type { ProjectGrant } from './project-roles.js';

/** The roles of the hub. `admin` may do everything; `readonly` may look at everything that is not a credential. */
export const ROLES = ['admin', 'readonly'] as const;

export type Role = (typeof ROLES)[number];

/** A role that a project declares, as policies and tokens name it. */
export type ProjectRoleName = `proj:${string}:${string}`;

/** What a project role is put together of: `proj:<project>:<role>`. */
export const PROJECT_ROLE = /^proj:([^:\s]{1,253}):([^:\s]{1,253})$/;

/** Narrows a text (a column, a request) to a role of the hub. */
export function isRole(text: unknown): text is Role {
  return typeof text === 'string' && (ROLES as readonly string[]).includes(text);
}

/** Narrows a text to the name of a project role. Whether the project has it is another question. */
export function isProjectRoleName(text: unknown): text is ProjectRoleName {
  return typeof text === 'string' && PROJECT_ROLE.test(text);
}

/** What the project says of one of its roles, as read at most seconds ago. */
export interface ProjectRights {
  /** Name of the project. */
  readonly project: string;
  /** The namespace that the project is in: objects of it are `<project>/<name>`, those of others `<project>/<namespace>/<name>`. */
  readonly namespace: string;
  /** Name of the role within its project. */
  readonly role: string;
  /** The policies of this role. */
  readonly grants: readonly ProjectGrant[];
}

/** An authenticated caller. It holds no credential. */
export interface Actor {
  /** Id of the user or of the API token. */
  readonly id: string;
  /** Name of the user, or `token:<name>` for an API token: what history and audit show. */
  readonly name: string;
  readonly role: Role | ProjectRoleName;
  /** Of a project role: what it may do. Absent for the roles of the hub; a project role without it may do nothing. */
  readonly rights?: ProjectRights;
  readonly via: 'session' | 'token';
  /** When the credential ends, in milliseconds since the epoch; absent: never by itself. */
  readonly expiresAtMs?: number;
  /** The user's session epoch that the session was issued under; absent for API tokens. */
  readonly sessionEpoch?: number;
}
