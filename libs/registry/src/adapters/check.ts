// One look at a spoke: does it answer, and does it know us?
import { toAppError, type AppError } from '@wheelwright/kernel';
import type { SpokeClient } from '@wheelwright/platform-kube';
import type { ClusterState } from '../types.js';

/** What a look came to. */
export interface Check {
  readonly state: Extract<ClusterState, 'Connected' | 'Unreachable' | 'Unauthorized'>;
  /** Code of the error; empty where connected. */
  readonly reason: string;
  readonly message: string;
  readonly kubernetesVersion: string;
  readonly error?: AppError;
}

const CHECK_DEADLINE_MS = 10_000;

/** Reads the version, then something that only an authenticated caller may read. Never throws for what the spoke does. */
export async function checkSpoke(client: SpokeClient, signal?: AbortSignal): Promise<Check> {
  const limits = { deadlineMs: CHECK_DEADLINE_MS, ...(signal === undefined ? {} : { signal }) };
  try {
    const { gitVersion } = await client.version(limits);
    // Anybody may read the version where anonymous requests are allowed, so it proves nothing about the credentials.
    await client.request({ ...limits, verb: 'discovery', method: 'GET', path: '/api', maxBytes: 64 * 1024 });
    return { state: 'Connected', reason: '', message: '', kubernetesVersion: gitVersion };
  } catch (cause) {
    signal?.throwIfAborted();
    const error = toAppError(cause, 'SpokeUnreachable', 'The spoke could not be checked');
    const state = error.code === 'SpokeUnauthorized' ? 'Unauthorized' : 'Unreachable';
    return { state, reason: error.code, message: error.message, kubernetesVersion: '', error };
  }
}
