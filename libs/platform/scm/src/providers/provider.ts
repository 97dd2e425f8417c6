// What a provider must be able to do: its REST API in the words of the facts.
import type { JsonObject } from '@wheelwright/kernel';
import type { Call } from '../call.js';
import type {
  CloneProtocol,
  PullRequestQuery,
  ScmBranch,
  ScmConnection,
  ScmPullRequest,
  ScmRepository,
} from '../types.js';

export interface BranchQuery {
  readonly repository: ScmRepository;
  readonly all: boolean;
}

export interface PathQuery {
  readonly repository: ScmRepository;
  readonly branch: ScmBranch;
  readonly path: string;
}

/** Root, headers and credentials of an access. */
export interface Address {
  readonly provider: string;
  readonly root: string;
  readonly headers: Readonly<Record<string, string>>;
  /** All that decides who is asking; only its digest is kept. */
  readonly credentials: JsonObject;
}

/** `Host` names the repositories of one owner, `Project` one repository's pull requests. */
export interface Provider<Access extends ScmConnection, Host extends Access, Project extends Access> {
  address(access: Access): Address;
  repositories(call: Call, host: Host, protocol: CloneProtocol): Promise<readonly ScmRepository[]>;
  branches(call: Call, host: Host, query: BranchQuery): Promise<readonly ScmBranch[]>;
  pathExists(call: Call, host: Host, query: PathQuery): Promise<boolean>;
  pullRequests(call: Call, project: Project, query: PullRequestQuery): Promise<readonly ScmPullRequest[]>;
}

/** `Authorization` of user and password, or of a token. */
export function authorization(access: {
  readonly basicAuth?: { readonly username: string; readonly password: string };
  readonly bearerToken?: string;
}): Readonly<Record<string, string>> {
  if (access.bearerToken !== undefined) return { authorization: `Bearer ${access.bearerToken}` };
  if (access.basicAuth === undefined) return {};
  const { username, password } = access.basicAuth;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/** The address with that name among those to clone from. Throws SourceFailed where there is none: the host does not offer the protocol. */
export function cloneUrl(
  call: Call,
  links: readonly { readonly name: string; readonly href: string }[],
  wanted: string,
): string {
  const link = links.find(({ name }) => name === wanted);
  if (link === undefined) throw call.malformed(`a repository has no address to clone from by ${wanted}`);
  return link.href;
}
