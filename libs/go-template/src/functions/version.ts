// Versions with the rules of the library behind Sprig's `semver`.
import { GoCallError, GoInstance, int, type GoMethod, type GoValue, type ParamType } from '../values.js';

const VERSION =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const UINT64_MAX = 2n ** 64n - 1n;

/** The parts of a version; what is missing of minor and patch is zero. */
export interface VersionParts {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly pre: string;
  readonly metadata: string;
  readonly original: string;
}

/** A version as templates see it: it prints as a whole, and its parts are methods. */
export class GoVersion extends GoInstance {
  readonly type = '*semver.Version';
  readonly kind = 'ptr';
  readonly parts: VersionParts;

  constructor(parts: VersionParts) {
    super();
    this.parts = parts;
  }

  text(): string {
    const { major, minor, patch, pre, metadata } = this.parts;
    return `${major}.${minor}.${patch}${pre === '' ? '' : `-${pre}`}${metadata === '' ? '' : `+${metadata}`}`;
  }

  method(name: string): GoMethod | undefined {
    const compare = (call: (order: number) => GoValue): GoMethod => ({
      params: ['version'] satisfies ParamType[],
      call: ([other]) => {
        if (other instanceof GoVersion) return call(compareVersions(this, other));
        throw new GoCallError('runtime error: invalid memory address or nil pointer dereference');
      },
    });
    const get = (value: GoValue): GoMethod => ({ params: [], call: () => value });
    const { major, minor, patch, pre, metadata, original } = this.parts;
    switch (name) {
      case 'Major':
        return get(int(major, 'uint64'));
      case 'Minor':
        return get(int(minor, 'uint64'));
      case 'Patch':
        return get(int(patch, 'uint64'));
      case 'Prerelease':
        return get(pre);
      case 'Metadata':
        return get(metadata);
      case 'Original':
        return get(original);
      case 'String':
        return get(this.text());
      case 'IncMajor':
        return get(this.#next({ major: major + 1n, minor: 0n, patch: 0n }));
      case 'IncMinor':
        return get(this.#next({ minor: minor + 1n, patch: 0n }));
      case 'IncPatch':
        return get(this.#next(pre === '' ? { patch: patch + 1n } : {}));
      case 'Compare':
        return compare((order) => int(order));
      case 'Equal':
        return compare((order) => order === 0);
      case 'LessThan':
        return compare((order) => order < 0);
      case 'GreaterThan':
        return compare((order) => order > 0);
      default:
        return undefined;
    }
  }

  #next(change: Partial<VersionParts>): GoVersion {
    const next = new GoVersion({ ...this.parts, pre: '', metadata: '', ...change });
    const prefix = this.parts.original.startsWith('v') ? 'v' : '';
    return new GoVersion({ ...next.parts, original: prefix + next.text() });
  }
}

/** Parses loosely: a `v` in front, and minor or patch missing, are fine. */
export function parseVersion(text: string): GoVersion {
  const match = VERSION.exec(text);
  if (match === null) throw new GoCallError('Invalid Semantic Version');
  const [, major = '0', minor = '0', patch = '0', pre = '', metadata = ''] = match;
  if (pre.split('.').some((part) => /^0[0-9]+$/.test(part))) throw new GoCallError('Version segment starts with 0');
  return new GoVersion({
    major: segment(major),
    minor: segment(minor),
    patch: segment(patch),
    pre,
    metadata,
    original: text,
  });
}

function segment(digits: string): bigint {
  const value = digits.length > 24 ? UINT64_MAX + 1n : BigInt(digits);
  if (value <= UINT64_MAX) return value;
  throw new GoCallError(`Error parsing version segment: strconv.ParseUint: parsing "${digits}": value out of range`);
}

/** Negative where the first is older. Metadata does not count. */
export function compareVersions(a: GoVersion, b: GoVersion): number {
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (a.parts[part] !== b.parts[part]) return a.parts[part] < b.parts[part] ? -1 : 1;
  }
  return comparePrereleases(a.parts.pre, b.parts.pre);
}

/** A release is newer than its prereleases; those compare part by part, numbers before words. */
export function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return 1;
  if (b === '') return -1;
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const order = comparePart(left[i], right[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  const numberA = /^[0-9]+$/.test(a);
  const numberB = /^[0-9]+$/.test(b);
  if (numberA !== numberB) return numberA ? -1 : 1;
  if (!numberA) return a < b ? -1 : 1;
  return BigInt(a) < BigInt(b) ? -1 : 1;
}
