// The address of an API server as users write it in; the one form that it is kept and compared in out.

export interface AddressRules {
  /** Takes `http://` for a loopback host: simulated spokes on this machine. Never for anything else. */
  readonly allowHttpLoopback: boolean;
}

/** The server that means the hub itself (`compatibility.md` 2.10). */
export const IN_CLUSTER_SERVER = 'https://kubernetes.default.svc';
/** The name that means the hub itself. */
export const IN_CLUSTER_NAME = 'in-cluster';

const MAX_LENGTH = 1_024;

/**
 * Normalises an address: scheme and host in lower case, default port and trailing slashes gone, every spelling of an IP address in one form.
 * Answers the address, or the problem with it. Where a host may point is judged again at each connection.
 */
export function normaliseServer(
  text: string,
  rules: AddressRules,
): { readonly server: string } | { readonly problem: string } {
  if (text.length > MAX_LENGTH || !URL.canParse(text))
    return { problem: 'must be an address such as https://api.east.example:6443' };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return { problem: 'must not hold a user or password: put credentials into credentials' };
  if (url.search !== '' || url.hash !== '') return { problem: 'must not have a query or a fragment' };
  const isPlain = url.protocol === 'http:' && rules.allowHttpLoopback && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !isPlain) return { problem: 'must start with https://' };
  const server = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  if (server === IN_CLUSTER_SERVER)
    return { problem: `is the hub itself: it is there as ${IN_CLUSTER_NAME} without being registered` };
  return { server };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
