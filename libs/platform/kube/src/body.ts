// Reads the body of an answer, up to a limit.
import type { Readable } from 'node:stream';

/** All bytes of the body, or `undefined` (and the connection is closed) where there are more than `maxBytes`. Rejects where it breaks off. */
export async function readBody(body: Readable, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        resolve(undefined);
        body.destroy();
        return;
      }
      chunks.push(chunk);
    });
    body.on('end', () => {
      resolve(Buffer.concat(chunks, size));
    });
    body.on('error', reject);
    body.on('close', () => {
      reject(new Error('the answer broke off'));
    });
  });
}
