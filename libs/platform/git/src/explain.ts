// What Git printed in, one sentence for an operator out. The text comes from remotes, so it is hostile: cut short and cleaned.
import { AppError } from '@wheelwright/kernel';

/** The first that matches names the cause. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [
    /error: 30[1278]|unable to update url base from redirection/i,
    'it redirects, and redirects are not followed: write the final address as repoURL',
  ],
  [
    /could not read (?:username|password)|authentication failed|error: 40[13]|permission denied \(/i,
    'it refuses access: it needs credentials, or does not exist',
  ],
  [
    /host key verification failed|no .* host key is known/i,
    'its host key is not known: add it to the known hosts of the worker',
  ],
  [/ssl certificate|server certificate|certificate verif/i, 'its TLS certificate is not trusted'],
  [/could not resolve host/i, 'its host name cannot be resolved'],
  [/connection refused|failed to connect|connection timed out|network is unreachable/i, 'it cannot be connected to'],
  [/transport .* not allowed/i, 'its transport is not allowed: use https or ssh'],
  [
    /not found|does not appear to be a git repository|no such file|error: 404|repository .* does not exist/i,
    'there is no repository at this address, or access is refused',
  ],
];

const MAX_DETAIL = 200;

/** SourceFailed for a remote that did not do what was asked. `url` is a normal form and holds no credential. */
export function remoteFailure(url: string, stderr: string): AppError {
  const cause = CAUSES.find(([pattern]) => pattern.test(stderr))?.[1];
  return new AppError('SourceFailed', `${url}: ${cause ?? `git says "${cleaned(stderr)}"`}`);
}

/** Whether another spelling of the address is worth a try: some hosts want `.git` at its end. */
export function isWrongAddress(stderr: string): boolean {
  return /error: 30[1278]|error: 404|not found|does not appear to be a git repository/i.test(stderr);
}

/** Whether the remote only gives objects that a ref names (protocol before 2). */
export function isUnadvertised(stderr: string): boolean {
  return /unadvertised object|does not allow request/i.test(stderr);
}

/** Whether the remote says that it has no such object. */
export function isUnknownObject(stderr: string): boolean {
  return /not our ref/i.test(stderr);
}

/** Last meaningful line, without control characters and without anything that looks like user and password. */
function cleaned(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const line = lines.findLast((candidate) => candidate.startsWith('fatal:')) ?? lines.at(-1) ?? 'nothing';
  return line
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
    .replace(/\/\/[^/@\s]*@/g, '//')
    .slice(0, MAX_DETAIL);
}
