// A context of a kubeconfig file in, what it takes to register that cluster out. Nothing in the file is run, and no other file is read.
import { readFile } from 'node:fs/promises';
import { AppError } from '@wheelwright/kernel';
import type { SpokeTarget } from './types.js';

/** A spoke as a kubeconfig describes it; it has no id before it is registered. */
export interface KubeconfigTarget extends Omit<SpokeTarget, 'id'> {
  /** Name of the context. */
  readonly name: string;
}

/**
 * Reads one context. Credentials must stand in the file (`token`, or `client-certificate-data` with `client-key-data`): exec plugins, auth
 * providers, passwords, proxies and references to other files are refused with `InvalidDocument`, because a kubeconfig is code to who runs it.
 */
export async function loadKubeconfig(file: string, context: string): Promise<KubeconfigTarget> {
  const text = await readFile(file, 'utf8');
  // The parser reads this file by itself, so the field must not get that far.
  if (/token-?file/i.test(text))
    throw new AppError(
      'InvalidDocument',
      'The kubeconfig refers to a token file, which is not taken. Put the token in it.',
    );
  // Loaded on use: the client costs 0.7 s and 80 MB, and only whoever brings a kubeconfig needs it.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
  } catch (error) {
    throw new AppError('InvalidDocument', 'The kubeconfig cannot be read.', { cause: error });
  }
  const entry = config.getContextObject(context);
  const cluster = entry === null ? null : config.getCluster(entry.cluster);
  const user = entry === null ? null : config.getUser(entry.user);
  if (cluster === null || user === null) {
    throw new AppError('InvalidDocument', `The kubeconfig has no context ${context} with a cluster and a user.`);
  }
  refuse(context, {
    exec: user.exec,
    'auth-provider': user.authProvider as unknown,
    password: user.password,
    'client-certificate': user.certFile,
    'client-key': user.keyFile,
    'certificate-authority': cluster.caFile,
    'proxy-url': cluster.proxyUrl,
  });
  return {
    name: context,
    server: cluster.server.replace(/\/+$/, ''),
    tls: {
      ...(cluster.caData === undefined ? {} : { caData: fromBase64(cluster.caData) }),
      ...(cluster.tlsServerName === undefined ? {} : { serverName: cluster.tlsServerName }),
      ...(cluster.skipTLSVerify ? { insecure: true } : {}),
    },
    credentials: credentialsOf(context, user),
    ...(user.impersonateUser === undefined ? {} : { impersonate: user.impersonateUser }),
  };
}

function refuse(context: string, fields: Readonly<Record<string, unknown>>): void {
  const found = Object.keys(fields).filter(
    (name) => fields[name] !== undefined && fields[name] !== null && fields[name] !== '',
  );
  if (found.length === 0) return;
  throw new AppError(
    'InvalidDocument',
    `Context ${context} uses ${found.join(', ')}, which is not taken. Use a file with inline data (\`kubectl config view --raw --flatten\`) and a token or a client certificate.`,
  );
}

function credentialsOf(
  context: string,
  user: {
    readonly token?: string | undefined;
    readonly certData?: string | undefined;
    readonly keyData?: string | undefined;
  },
): SpokeTarget['credentials'] {
  if (user.token !== undefined && user.token !== '') return { kind: 'bearerToken', token: user.token };
  if (user.certData !== undefined && user.keyData !== undefined) {
    return { kind: 'clientCertificate', certData: fromBase64(user.certData), keyData: fromBase64(user.keyData) };
  }
  throw new AppError(
    'InvalidDocument',
    `The user of context ${context} has neither a token nor a client certificate with its key in the file.`,
  );
}

function fromBase64(data: string): string {
  return Buffer.from(data, 'base64').toString('utf8');
}
