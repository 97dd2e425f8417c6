// Check sums of texts, in hexadecimal (Adler-32 in decimal). Written out here because a core has no crypto library, and they are short.
import { asText, fn, type FunctionTable } from '../functions.js';
import { encodeUtf8 } from '../utf8.js';
import { SHA2_CONSTANTS, SHA2_START } from './sha2-constants.js';

export const DIGESTS: FunctionTable = {
  sha1sum: fn('string', ([text]) => sha1(encodeUtf8(asText(text)))),
  sha256sum: fn('string', ([text]) => sha256(encodeUtf8(asText(text)))),
  sha512sum: fn('string', ([text], { budget }) => {
    // Its words have 64 bits, which cost more here.
    budget.work(asText(text).length * 16);
    return sha512(encodeUtf8(asText(text)));
  }),
  adler32sum: fn('string', ([text]) => String(adler32(encodeUtf8(asText(text))))),
};

const ADLER = 65_521;

function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % ADLER;
    high = (high + low) % ADLER;
  }
  return high * 65_536 + low;
}

/** The bytes with a one bit, zeros and their length in bits, so that they fill whole blocks. */
function padded(bytes: Uint8Array, block: number): DataView {
  const length = Math.ceil((bytes.length + 1 + block / 8) / block) * block;
  const buffer = new Uint8Array(length);
  buffer.set(bytes);
  buffer[bytes.length] = 0x80;
  const view = new DataView(buffer.buffer);
  view.setBigUint64(length - 8, BigInt(bytes.length) * 8n);
  return view;
}

function left(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function right(value: number, bits: number): number {
  return (value >>> bits) | (value << (32 - bits));
}

function hex32(words: Iterable<number>): string {
  return [...words].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function sha1(bytes: Uint8Array): string {
  const view = padded(bytes, 64);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const words = new Int32Array(80);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 80; i += 1) {
      words[i] =
        i < 16
          ? view.getInt32(at + i * 4)
          : left(w(words, i - 3) ^ w(words, i - 8) ^ w(words, i - 14) ^ w(words, i - 16), 1);
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
    for (let i = 0; i < 80; i += 1) {
      const next = (left(a, 5) + sha1Round(i, [b, c, d]) + e + w(words, i)) | 0;
      [a, b, c, d, e] = [next, a, left(b, 30), c, d];
    }
    for (const [i, value] of [a, b, c, d, e].entries()) state[i] = w(state, i) + value;
  }
  return hex32(state);
}

function sha1Round(i: number, [b, c, d]: readonly [number, number, number]): number {
  if (i < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (i < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  return i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc : (b ^ c ^ d) + 0xca62c1d6;
}

function w(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}

function sha256(bytes: Uint8Array): string {
  const view = padded(bytes, 64);
  const constants = SHA2_CONSTANTS.map((value) => Number(value >> 32n));
  const state = Int32Array.from(SHA2_START, (value) => Number(value >> 32n));
  const words = new Int32Array(64);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 64; i += 1) words[i] = i < 16 ? view.getInt32(at + i * 4) : expand256(words, i);
    const v = [...state];
    for (let i = 0; i < 64; i += 1) {
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = v;
      const big1 = right(e, 6) ^ right(e, 11) ^ right(e, 25);
      const one = (h + big1 + ((e & f) ^ (~e & g)) + (constants[i] ?? 0) + w(words, i)) | 0;
      const big0 = right(a, 2) ^ right(a, 13) ^ right(a, 22);
      const two = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      v.pop();
      v.unshift((one + two) | 0);
      v[4] = (d + one) | 0;
    }
    for (let i = 0; i < 8; i += 1) state[i] = w(state, i) + (v[i] ?? 0);
  }
  return hex32(state);
}

function expand256(words: Int32Array, i: number): number {
  const x = w(words, i - 15);
  const y = w(words, i - 2);
  const small0 = right(x, 7) ^ right(x, 18) ^ (x >>> 3);
  const small1 = right(y, 17) ^ right(y, 19) ^ (y >>> 10);
  return w(words, i - 16) + small0 + w(words, i - 7) + small1;
}

function sha512(bytes: Uint8Array): string {
  const view = padded(bytes, 128);
  const state = BigUint64Array.from(SHA2_START);
  const words = new BigUint64Array(80);
  for (let at = 0; at < view.byteLength; at += 128) {
    for (let i = 0; i < 80; i += 1) words[i] = i < 16 ? view.getBigUint64(at + i * 8) : expand512(words, i);
    const v = [...state];
    for (let i = 0; i < 80; i += 1) {
      const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = v;
      const big1 = right64(e, 14n) ^ right64(e, 18n) ^ right64(e, 41n);
      const one = h + big1 + ((e & f) ^ (~e & g)) + (SHA2_CONSTANTS[i] ?? 0n) + (words[i] ?? 0n);
      const big0 = right64(a, 28n) ^ right64(a, 34n) ^ right64(a, 39n);
      const two = big0 + ((a & b) ^ (a & c) ^ (b & c));
      v.pop();
      v.unshift(BigInt.asUintN(64, one + two));
      v[4] = BigInt.asUintN(64, d + one);
    }
    for (let i = 0; i < 8; i += 1) state[i] = (state[i] ?? 0n) + (v[i] ?? 0n);
  }
  return [...state].map((word) => word.toString(16).padStart(16, '0')).join('');
}

function expand512(words: BigUint64Array, i: number): bigint {
  const x = words[i - 15] ?? 0n;
  const y = words[i - 2] ?? 0n;
  const small0 = right64(x, 1n) ^ right64(x, 8n) ^ (x >> 7n);
  const small1 = right64(y, 19n) ^ right64(y, 61n) ^ (y >> 6n);
  return BigInt.asUintN(64, (words[i - 16] ?? 0n) + small0 + (words[i - 7] ?? 0n) + small1);
}

function right64(value: bigint, bits: bigint): bigint {
  return BigInt.asUintN(64, (value >> bits) | (value << (64n - bits)));
}
