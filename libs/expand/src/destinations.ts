// Which destinations exist.

/** The cluster that the hub itself stands for: always there, under this name and address. */
export const IN_CLUSTER_NAME = 'in-cluster';
export const IN_CLUSTER_SERVER = 'https://kubernetes.default.svc';

/** An address of an API server without its trailing slashes. */
export function normaliseServer(server: string): string {
  let end = server.length;
  while (end > 0 && server[end - 1] === '/') end -= 1;
  return server.slice(0, end);
}
