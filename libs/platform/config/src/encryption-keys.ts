// The ring of key-encryption keys.

/** One key of the ring. */
export interface EncryptionKey {
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
}

const KEY_BYTES = 32;
/** 32 random bytes have fewer distinct values than this about once in 10^20 times. */
const MIN_DISTINCT_BYTES = 12;

/**
 * Parses `id:base64[,id:base64]`. The first key seals, all open. Answers the keys or all problems, which never quote a key.
 * Refused: other lengths than 32 bytes, repeated ids, and bytes that are obviously not random (all equal, counted up, words).
 */
export function parseEncryptionKeys(
  text: string,
): { readonly keys: readonly [EncryptionKey, ...EncryptionKey[]] } | { readonly problems: readonly string[] } {
  const keys: EncryptionKey[] = [];
  const problems: string[] = [];
  for (const [at, part] of text.split(',').entries()) {
    const [, id, encoded] = /^\s*([A-Za-z0-9_.-]{1,63}):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(part) ?? [];
    if (id === undefined || encoded === undefined) {
      problems.push(`key ${at + 1} is not written as id:base64`);
      continue;
    }
    const bytes = new Uint8Array(Buffer.from(encoded, 'base64'));
    if (keys.some((key) => key.id === id)) problems.push(`the id "${id}" is there twice`);
    if (bytes.length !== KEY_BYTES) problems.push(`key "${id}" has ${bytes.length} bytes, not ${KEY_BYTES}`);
    else if (isWeak(bytes)) problems.push(`key "${id}" is not random: make one with \`openssl rand -base64 32\``);
    keys.push({ id, bytes });
  }
  const [first, ...rest] = keys;
  return problems.length > 0 || first === undefined ? { problems } : { keys: [first, ...rest] };
}

function isWeak(bytes: Uint8Array): boolean {
  if (new Set(bytes).size < MIN_DISTINCT_BYTES) return true;
  const step = ((bytes[1] ?? 0) - (bytes[0] ?? 0)) & 0xff;
  if (bytes.every((byte, at) => at === 0 || ((byte - (bytes[at - 1] ?? 0)) & 0xff) === step)) return true;
  // 32 random bytes are all printable once in 10^14 times: this is somebody's sentence.
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}
