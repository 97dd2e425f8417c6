// A paged list of metadata: all of it, or an error.
import { AppError, apiVersionOf, isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { collectionPath } from './paths.js';
import type { ListedMeta, ListOptions, MetadataList, RawRequest, RawResponse, ResourcePath } from './types.js';

/** Default milliseconds for a whole list. */
export const LIST_DEADLINE_MS = 60_000;
const PAGE_SIZE = 500;
/** More pages than any list of ours has: a spoke that always has one more must not keep us for ever. */
const MAX_PAGES = 2_000;
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

type Send = (request: RawRequest) => Promise<RawResponse>;

/** Reads all pages. Where the spoke forgets the list half-way (410) it starts again once. Fails as `SpokeClient` says, never with a part. */
export async function listMetadata(send: Send, resource: ResourcePath, options: ListOptions): Promise<MetadataList> {
  const endsAtMs = performance.now() + (options.deadlineMs ?? LIST_DEADLINE_MS);
  try {
    return await readPages(send, resource, { ...options, endsAtMs });
  } catch (error) {
    if (!(error instanceof AppError) || error.details['status'] !== 410) throw error;
    return readPages(send, resource, { ...options, endsAtMs });
  }
}

async function readPages(
  send: Send,
  resource: ResourcePath,
  options: ListOptions & { readonly endsAtMs: number },
): Promise<MetadataList> {
  const items: ListedMeta[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { body } = await send({
      verb: 'list',
      method: 'GET',
      path: collectionPath(resource, options.namespace),
      query: {
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        limit: String(options.limit ?? PAGE_SIZE),
        continue: token,
      },
      accept: METADATA_ONLY,
      deadlineMs: Math.max(1, options.endsAtMs - performance.now()),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const metadata = pageOf(body, resource, items);
    const next = metadata['continue'];
    if (typeof next !== 'string' || next === '') return { resourceVersion: textOf(metadata['resourceVersion']), items };
    token = next;
  }
  throw notAList(resource, `has more than ${String(MAX_PAGES)} pages`);
}

/** Adds a page's items; answers the metadata of the list. */
function pageOf(body: JsonObject, resource: ResourcePath, items: ListedMeta[]): JsonObject {
  const { kind, metadata } = body;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !isJsonObject(metadata))
    throw notAList(resource, 'is not a list');
  // An absent or null `items` is how Go writes an empty list.
  const list: JsonValue = body['items'] ?? [];
  if (!Array.isArray(list)) throw notAList(resource, 'has no items');
  for (const item of list as readonly JsonValue[]) {
    const meta = isJsonObject(item) ? item['metadata'] : undefined;
    if (!isJsonObject(meta)) throw notAList(resource, 'holds an item without metadata');
    const { name, uid, resourceVersion } = meta;
    if (
      typeof name !== 'string' ||
      typeof uid !== 'string' ||
      typeof resourceVersion !== 'string' ||
      name === '' ||
      uid === ''
    ) {
      throw notAList(resource, 'holds an item without name, uid or resourceVersion');
    }
    items.push({ ...meta, name, uid, resourceVersion });
  }
  return metadata;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function notAList(resource: ResourcePath, what: string): AppError {
  return new AppError('SpokeRejected', `The list of ${resource.plural} (${apiVersionOf(resource)}) ${what}.`, {
    details: { reason: 'NotAList' },
  });
}
