// A repository's address as Git is given it: checked against what this process may reach, and tried with and without `.git`.
import { AppError, parseRepoUrl, type RepoAddress } from '@wheelwright/kernel';

/** Parses an address and refuses what is not allowed here. Throws SourceFailed. */
export function openAddress(url: string, allowInsecure: boolean): RepoAddress {
  const address = parse(url);
  if (!allowInsecure && (address.scheme === 'http' || address.scheme === 'file')) {
    throw new AppError('SourceFailed', `${address.url}: only https and ssh repositories are allowed here`);
  }
  if (!allowInsecure && isOwnHost(address.host)) {
    throw new AppError('SourceFailed', `${address.url}: the hub's own host and link-local addresses are not allowed`);
  }
  return address;
}

function parse(url: string): RepoAddress {
  try {
    return parseRepoUrl(url);
  } catch (error) {
    if (error instanceof AppError) throw new AppError('SourceFailed', error.message, { cause: error });
    throw error;
  }
}

/** Addresses of the machine itself and of metadata services, in every way that a resolver reads them as numbers. */
function isOwnHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  if (name.startsWith('[')) return /^\[(?:::|::1|fe[89ab]|::ffff:|0*:)/.test(name);
  // Hosts of digits, dots and hex are IPv4 in one of its spellings; only the plain one is read, the others are refused.
  if (/^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}$/.test(name)) {
    return !/^[1-9]\d{0,2}(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(name) || /^(?:127|0)\.|^169\.254\./.test(name);
  }
  return false;
}

/** What to hand to Git, in the order to try: hosts differ in whether they want the `.git` that the normal form leaves out. */
export function spellingsOf(address: RepoAddress): readonly string[] {
  return address.scheme === 'file' ? [address.url] : [address.url, `${address.url}.git`];
}
