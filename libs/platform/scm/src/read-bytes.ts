// Reads the body of an answer, up to a limit.
import type { Readable } from 'node:stream';

/** All bytes of the body, or `undefined` (and the connection is closed) where there are more than `maxBytes`. Rejects where it breaks off. */
export async function readBytes(body: Readable, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      abandon(body);
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Closes the connection of a body that nobody reads (on). The body reports that as an error, which nobody needs. */
export function abandon(body: Readable): void {
  body.on('error', () => undefined);
  body.destroy();
}
