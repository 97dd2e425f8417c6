// The address of a Git repository in, its one normal form out. Parsed once, here: everything later works with the parsed parts.
import { AppError } from './errors.js';

/** How Git reaches a repository. Whether `http` and `file` are allowed is a matter of configuration, not of this file. */
export type RepoScheme = 'https' | 'ssh' | 'http' | 'file';

/** A repository's address in its parts. */
export interface RepoAddress {
  /** Normal form: equal for all spellings of one repository. Git can fetch from it. */
  readonly url: string;
  readonly scheme: RepoScheme;
  /** Lower-case host without a default port; empty for `file`. */
  readonly host: string;
  /** Path from the root of the host, with a leading `/`. */
  readonly path: string;
}

const MAX_LENGTH = 1_024;
const DEFAULT_PORTS: Readonly<Record<RepoScheme, string>> = { https: '443', ssh: '22', http: '80', file: '' };
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const PATH = /^\/[A-Za-z0-9~_.%+@:,=()!$&'*;/ -]*$/;

/**
 * Reads an address as users write it: `https://host/path`, `ssh://user@host:port/path`, `user@host:path`, `http://…`, `file:///…` or an
 * absolute path. Lower-cases scheme and host, cuts default ports, a final `/` and (not of `file`) `.git`, and turns the scp form into its
 * `ssh` form. The user of an `http(s)` address is dropped, so that a token written there never becomes part of an identity.
 * Throws InvalidDocument for anything else: other transports (`ext::…`), passwords, `..`, control characters, a leading `-`.
 */
export function parseRepoUrl(text: string): RepoAddress {
  if (text === '') throw refused('it is empty');
  if (text.length > MAX_LENGTH) throw refused(`it is longer than ${String(MAX_LENGTH)} characters`);
  if (/[\u0000-\u001f\u007f\\]/.test(text)) throw refused('it holds a control character or a backslash');
  if (text.startsWith('-')) throw refused('it begins with "-"');
  if (/^[^/[]*::/.test(text)) throw refused('"::" selects a transport helper');
  if (text.startsWith('/')) return fileAddress(text);
  const url = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/.exec(text);
  if (url !== null) return schemeAddress((url[1] ?? '').toLowerCase(), url[2] ?? '');
  const scp = /^([^@/:]+)@([^@/:]+|\[[^\]]*\]):(.*)$/.exec(text);
  if (scp === null) throw refused('write https://host/path, ssh://user@host/path or user@host:path');
  return sshAddress({ user: scp[1] ?? '', host: scp[2] ?? '', port: '', path: absolute(scp[3] ?? '') });
}

/** The normal form of an address: two spellings of one repository give one text. Throws as {@link parseRepoUrl} does. */
export function normaliseRepoUrl(text: string): string {
  return parseRepoUrl(text).url;
}

/** Whether an `http(s)` address names a user or a password. Where an address is kept as it was written, such a one is refused: it may be a token. */
export function holdsWebUserinfo(text: string): boolean {
  return /^https?:\/\/[^/?#]*@/i.test(text);
}

function schemeAddress(scheme: string, rest: string): RepoAddress {
  if (scheme === 'file') {
    if (!rest.startsWith('/')) throw refused('a file address names no host: file:///path');
    return fileAddress(rest);
  }
  if (scheme !== 'https' && scheme !== 'http' && scheme !== 'ssh') throw refused(`the scheme ${scheme} is not allowed`);
  const slash = rest.indexOf('/');
  if (slash < 0) throw refused('it names no path');
  const authority = rest.slice(0, slash);
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : authority.slice(0, at);
  if (user.includes(':')) throw refused('it holds a password; store credentials apart from the address');
  const parts = /^(.*?)(?::(\d{1,5}))?$/.exec(authority.slice(at + 1));
  const given = { user, host: parts?.[1] ?? '', port: parts?.[2] ?? '', path: rest.slice(slash) };
  return scheme === 'ssh' ? sshAddress(given) : webAddress(scheme, given);
}

interface Given {
  readonly user: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

function webAddress(scheme: 'https' | 'http', given: Given): RepoAddress {
  const host = hostOf(scheme, given);
  const path = pathOf(given.path, 'cut');
  return { url: `${scheme}://${host}${path}`, scheme, host, path };
}

function sshAddress(given: Given): RepoAddress {
  if (given.user !== '' && !USER.test(given.user)) throw refused('its user is not a plain name');
  const host = hostOf('ssh', given);
  const path = pathOf(given.path, 'cut');
  return { url: `ssh://${given.user === '' ? '' : `${given.user}@`}${host}${path}`, scheme: 'ssh', host, path };
}

/** A local repository keeps its `.git`: beside `x.git` there may be an `x`. */
function fileAddress(text: string): RepoAddress {
  const path = pathOf(text, 'keep');
  return { url: `file://${path}`, scheme: 'file', host: '', path };
}

function hostOf(scheme: RepoScheme, given: Given): string {
  const host = given.host.toLowerCase();
  if (!HOST.test(host)) throw refused('its host is not a plain host name');
  const port = given.port.replace(/^0+/, '');
  return port === '' || port === DEFAULT_PORTS[scheme] ? host : `${host}:${port}`;
}

function pathOf(text: string, suffix: 'cut' | 'keep'): string {
  if (!PATH.test(text)) throw refused('its path holds a character that is not allowed');
  if (/%(?:[01][0-9a-f]|7f|2f|5c|$|[^0-9a-f]|.[^0-9a-f])/i.test(text)) throw refused('its path holds a bad %-escape');
  const segments = text.split('/').filter((segment) => segment !== '');
  for (const segment of segments) {
    const plain = segment.replace(/%2e/gi, '.').replace(/%2d/gi, '-');
    if (plain === '.' || plain === '..') throw refused('its path holds "." or ".."');
    if (plain.startsWith('-')) throw refused('a part of its path begins with "-"');
  }
  const joined = segments.join('/');
  const path = suffix === 'cut' ? joined.replace(/\.git$/, '').replace(/\/$/, '') : joined;
  if (path === '') throw refused('it names no path');
  return `/${path}`;
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/** Never quotes the address: it may hold a password. */
function refused(why: string): AppError {
  return new AppError('InvalidDocument', `The repository's address cannot be used: ${why}`);
}
