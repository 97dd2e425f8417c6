// A throwaway certificate authority and a server certificate for this machine, written in DER by hand: no dependency, no file, no openssl.
// Shapes: RFC 5280 (certificates), X.690 (DER), RFC 5480 (elliptic curve keys).
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** What a TLS server and its clients need, all PEM. */
export interface Certificates {
  /** Certificate of the authority: what clients verify with. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const OID = {
  commonName: [0x55, 0x04, 0x03],
  basicConstraints: [0x55, 0x1d, 0x13],
  keyUsage: [0x55, 0x1d, 0x0f],
  extKeyUsage: [0x55, 0x1d, 0x25],
  subjectAltName: [0x55, 0x1d, 0x11],
  subjectKeyId: [0x55, 0x1d, 0x0e],
  authorityKeyId: [0x55, 0x1d, 0x23],
  serverAuth: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
} as const;

type OidName = keyof typeof OID;

function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length: number[] = [];
  for (let rest = body.length; rest > 0; rest >>= 8) length.unshift(rest & 0xff);
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length, ...length]), body]);
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const set = (...parts: Uint8Array[]): Buffer => der(0x31, ...parts);
const oid = (name: OidName): Buffer => der(0x06, Buffer.from(OID[name]));
const octets = (content: Uint8Array): Buffer => der(0x04, content);
const bits = (content: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.from([unused]), content);
const explicit = (number: number, content: Uint8Array): Buffer => der(0xa0 | number, content);
const yes = (): Buffer => der(0x01, Buffer.from([0xff]));
const algorithm = (): Buffer => sequence(oid('ecdsaWithSha256'));

function integer(bytes: Uint8Array): Buffer {
  // A leading bit would make it negative.
  return der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function name(commonName: string): Buffer {
  return sequence(set(sequence(oid('commonName'), der(0x0c, Buffer.from(commonName, 'utf8')))));
}

/** UTCTime, as RFC 5280 wants it for all years before 2050. */
function time(date: Date): Buffer {
  const text = date
    .toISOString()
    .slice(2)
    .replace(/[-:T]/g, '')
    .replace(/\.\d+Z$/, 'Z');
  return der(0x17, Buffer.from(text, 'ascii'));
}

function extension(kind: OidName, value: Uint8Array, critical = false): Buffer {
  return critical ? sequence(oid(kind), yes(), octets(value)) : sequence(oid(kind), octets(value));
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

interface Subject {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

interface Issuer {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const DAY_MS = 86_400_000;

function certificate(subject: Subject, issuer: Issuer): string {
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f || 0x01;
  const now = Date.now();
  const extensions = sequence(
    ...subject.extensions,
    extension('subjectKeyId', octets(keyId(subject.publicKey))),
    extension('authorityKeyId', sequence(der(0x80, keyId(issuer.publicKey)))),
  );
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm(),
    name(issuer.commonName),
    sequence(time(new Date(now - DAY_MS)), time(new Date(now + 30 * DAY_MS))),
    name(subject.commonName),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, extensions),
  );
  const signed = sequence(body, algorithm(), bits(sign('sha256', body, issuer.privateKey)));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Makes an authority and a server certificate for 127.0.0.1, ::1 and localhost, valid for 30 days. Takes a few milliseconds. */
export function makeCertificates(): Certificates {
  const authority = { commonName: 'spoke-sim authority', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ca = certificate(
    {
      commonName: authority.commonName,
      publicKey: authority.publicKey,
      extensions: [
        extension('basicConstraints', sequence(yes()), true),
        extension('keyUsage', bits(Buffer.from([0x06]), 1), true),
      ],
    },
    authority,
  );
  const names = sequence(
    der(0x82, Buffer.from('localhost', 'ascii')),
    der(0x87, Buffer.from([127, 0, 0, 1])),
    der(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])])),
  );
  const cert = certificate(
    {
      commonName: 'spoke-sim',
      publicKey: server.publicKey,
      extensions: [
        extension('basicConstraints', sequence(), true),
        extension('keyUsage', bits(Buffer.from([0x80]), 7), true),
        extension('extKeyUsage', sequence(oid('serverAuth'))),
        extension('subjectAltName', names),
      ],
    },
    authority,
  );
  return { ca, cert, key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}
