import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { associatedData } from '../index.js';
import { KeyRing } from './key-ring.js';

const OLD = { id: 'old', bytes: randomBytes(32) };
const NEW = { id: 'new', bytes: randomBytes(32) };
const ring = new KeyRing([OLD]);

describe('sealing', () => {
  const aad = associatedData('cluster_credentials', 'row-1');
  const plaintext = Buffer.from('hunter2');

  it('opens what it sealed, with a data key of its own each time', () => {
    const [one, two] = [ring.seal(plaintext, aad), ring.seal(plaintext, aad)];
    expect(Buffer.from(ring.open(one, aad)).toString()).toBe('hunter2');
    expect(Buffer.from(one.ciphertext).equals(Buffer.from(two.ciphertext))).toBe(false);
    expect(Buffer.concat([one.wrappedKey, one.ciphertext]).includes('hunter2')).toBe(false);
  });

  it('fails closed: another row, a swapped part, a changed byte, a wrong and a missing key', () => {
    const sealed = ring.seal(plaintext, aad);
    const other = ring.seal(plaintext, aad);
    const changed = Buffer.from(sealed.ciphertext);
    changed[30] = (changed[30] ?? 0) ^ 1;
    const attempts = [
      () => ring.open(sealed, associatedData('cluster_credentials', 'row-2')),
      () => ring.open({ ...sealed, ciphertext: other.ciphertext }, aad),
      () => ring.open({ ...sealed, ciphertext: changed }, aad),
      () => ring.open({ ...sealed, ciphertext: new Uint8Array(3) }, aad),
      () => ring.open({ ...sealed, ciphertext: sealed.wrappedKey }, aad),
      () => new KeyRing([{ ...NEW, id: 'old' }]).open(sealed, aad),
      () => new KeyRing([NEW]).open(sealed, aad),
    ];
    for (const attempt of attempts) expect(attempt).toThrow(expect.objectContaining({ code: 'CredentialsUnreadable' }));
  });
});
