// Proof that a notification comes from somebody who knows the secret. All comparisons take the same time whatever differs.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Provider } from './payload.js';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Whether the request is signed with the secret, over the bytes as they came. GitLab sends the secret itself. */
export function isAuthentic(
  provider: Provider,
  secret: string,
  request: { readonly headers: Headers; readonly rawBody: Uint8Array },
): boolean {
  const { headers, rawBody } = request;
  switch (provider) {
    case 'github':
      return sameText(headers['x-hub-signature-256'], `sha256=${hmac(secret, rawBody)}`);
    case 'gitea':
      return sameText(headers['x-gitea-signature'], hmac(secret, rawBody));
    case 'gitlab':
      return sameText(headers['x-gitlab-token'], secret);
  }
}

function hmac(secret: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Compares digests: they have one length, so not even the length of the secret shows. */
function sameText(given: string | string[] | undefined, expected: string): boolean {
  if (typeof given !== 'string') return false;
  return timingSafeEqual(sha256(given), sha256(expected));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
