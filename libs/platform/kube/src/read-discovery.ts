// Reads what a spoke serves: two requests where it aggregates, one per group and version where it does not.
import { AppError } from '@wheelwright/kernel';
import {
  AGGREGATED_DISCOVERY,
  discoveryOf,
  parseAggregated,
  parseGroupVersions,
  parseResourceList,
  type DiscoveryPart,
} from './discovery.js';
import type { Discovery, RawRequest, RawResponse } from './types.js';

type Send = (request: RawRequest) => Promise<RawResponse>;

/** The whole discovery. A group whose server does not answer makes it incomplete; a spoke that does not answer at all is an error. */
export async function readDiscovery(send: Send): Promise<Discovery> {
  const parts = await Promise.all([readRoot(send, '/api'), readRoot(send, '/apis')]);
  return discoveryOf(parts);
}

async function readRoot(send: Send, path: '/api' | '/apis'): Promise<DiscoveryPart> {
  const { body } = await send({ verb: 'discovery', method: 'GET', path, accept: AGGREGATED_DISCOVERY });
  const aggregated = parseAggregated(body);
  if (aggregated !== undefined) return aggregated;
  if (body['kind'] !== 'APIVersions' && body['kind'] !== 'APIGroupList') {
    throw new AppError('SpokeRejected', `The spoke's answer to ${path} is not a discovery document.`, {
      details: { reason: 'NotDiscovery' },
    });
  }
  const lists = await Promise.all(parseGroupVersions(body).map((entry) => readList(send, entry.group, entry.version)));
  return { resources: lists.flatMap((list) => list.resources), complete: lists.every((list) => list.complete) };
}

async function readList(send: Send, group: string, version: string): Promise<DiscoveryPart> {
  const path =
    group === ''
      ? `/api/${encodeURIComponent(version)}`
      : `/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}`;
  try {
    const { body } = await send({ verb: 'discovery', method: 'GET', path });
    return { resources: parseResourceList(body, group, version), complete: body['kind'] === 'APIResourceList' };
  } catch (error) {
    const status = error instanceof AppError ? error.details['status'] : undefined;
    if (typeof status !== 'number' || (status !== 404 && status < 500)) throw error;
    return { resources: [], complete: false };
  }
}
