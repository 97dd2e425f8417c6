// A constraint such as `>=1.2, <2 || ~3.1` in, what decides whether a version satisfies it out.
import { GoCallError } from '../values.js';
import { comparePrereleases, compareVersions, parseVersion, type GoVersion } from './version.js';

/** Whether one comparison holds for a version. */
export type Check = (version: GoVersion) => boolean;

const PART = '[0-9|xX*]+';
const TAIL = '(-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?';
const CONSTRAINED = `v?(${PART})(\\.${PART})?(\\.${PART})?${TAIL}`;
const OPERATOR = '=|!=|>=|=>|<=|=<|~>|~|\\^|>|<|';
const ONE = new RegExp(`^(${OPERATOR})\\s*${CONSTRAINED}`);
const RANGE = new RegExp(`\\s*(${CONSTRAINED})\\s+-\\s+(${CONSTRAINED})\\s*`, 'g');
const LONGEST = 1024;

/** Alternatives (`||`) of comparisons that all must hold (`,` or a space between them). */
export function parseConstraints(text: string): readonly (readonly Check[])[] {
  if (text.length > LONGEST) throw new GoCallError(`improper constraint: more than ${LONGEST} characters`);
  const plain = text.replace(RANGE, (...found: string[]) => `>= ${found[1] ?? ''}, <= ${found[RANGE_GROUPS] ?? ''} `);
  return plain.split('||').map(parseAll);
}

/** The group of the second version of a range: each version has four groups inside its own. */
const RANGE_GROUPS = 6;

function parseAll(text: string): readonly Check[] {
  const checks: Check[] = [];
  let rest = text.trim();
  do {
    const found = ONE.exec(rest);
    if (found === null) throw new GoCallError(`improper constraint: ${text}`);
    checks.push(checkOf(readConstraint(found)));
    const after = rest.slice(found[0].length);
    rest = after.replace(/^\s*,?\s*/, '');
    if (rest !== '' && !/^[\s,]/.test(after)) throw new GoCallError(`improper constraint: ${text}`);
  } while (rest !== '');
  return checks;
}

/** A comparison. `dirty`: a part is missing or a wildcard; which one is told where it matters. */
interface Constraint {
  readonly operator: string;
  readonly version: GoVersion;
  readonly dirty: boolean;
  readonly minorDirty: boolean;
  readonly patchDirty: boolean;
}

function readConstraint(found: RegExpExecArray): Constraint {
  const [, operator = '', major = '', minor = '', patch = '', pre = ''] = found;
  const wild = (part: string): boolean => part === '' || /^\.?[xX*]$/.test(part);
  const make = (version: string, flags: Omit<Constraint, 'operator' | 'version'>): Constraint => ({
    operator,
    version: constrained(version),
    ...flags,
  });
  if (wild(major)) return make(`0.0.0${pre}`, { dirty: true, minorDirty: false, patchDirty: false });
  if (wild(minor)) return make(`${major}.0.0${pre}`, { dirty: true, minorDirty: true, patchDirty: false });
  if (wild(patch)) return make(`${major}${minor}.0${pre}`, { dirty: true, minorDirty: false, patchDirty: true });
  return make(`${major}${minor}${patch}${pre}`, { dirty: false, minorDirty: false, patchDirty: false });
}

function constrained(text: string): GoVersion {
  try {
    return parseVersion(text);
  } catch (error) {
    if (error instanceof GoCallError) throw new GoCallError('constraint Parser Error');
    throw error;
  }
}

/** A prerelease satisfies only a constraint that names a prerelease, whatever the comparison. */
function checkOf(constraint: Constraint): Check {
  const compare = comparison(constraint);
  return (version) => {
    const skipped = version.parts.pre !== '' && constraint.version.parts.pre === '';
    if (skipped && (constraint.operator !== '!=' || constraint.dirty)) return false;
    return compare(version);
  };
}

function comparison(constraint: Constraint): Check {
  const { version: wanted, dirty } = constraint;
  switch (constraint.operator) {
    case '!=':
      return (version) => (dirty ? differs(version, constraint) : compareVersions(version, wanted) !== 0);
    case '>':
      return (version) => (dirty ? isAbove(version, constraint) : compareVersions(version, wanted) > 0);
    case '<':
      return (version) => compareVersions(version, wanted) < 0;
    case '>=':
    case '=>':
      return (version) => compareVersions(version, wanted) >= 0;
    case '<=':
    case '=<':
      return (version) => (dirty ? isAtMost(version, constraint) : compareVersions(version, wanted) <= 0);
    case '^':
      return (version) => caret(version, constraint);
    case '~':
    case '~>':
      return (version) => tilde(version, constraint);
    default:
      return (version) => (dirty ? tilde(version, constraint) : compareVersions(version, wanted) === 0);
  }
}

function differs({ parts }: GoVersion, { version, minorDirty, patchDirty }: Constraint): boolean {
  const wanted = version.parts;
  if (wanted.major !== parts.major) return true;
  if (wanted.minor !== parts.minor && !minorDirty) return true;
  if (minorDirty) return false;
  if (wanted.patch !== parts.patch && !patchDirty) return true;
  if (patchDirty) return comparePrereleases(parts.pre, wanted.pre) !== 0;
  return wanted.patch !== parts.patch || parts.pre !== wanted.pre;
}

function isAbove(version: GoVersion, { version: wanted, minorDirty, patchDirty }: Constraint): boolean {
  if (version.parts.major !== wanted.parts.major) return version.parts.major > wanted.parts.major;
  if (minorDirty) return false;
  return patchDirty ? version.parts.minor > wanted.parts.minor : compareVersions(version, wanted) > 0;
}

function isAtMost({ parts }: GoVersion, { version, minorDirty }: Constraint): boolean {
  if (parts.major > version.parts.major) return false;
  return !(parts.major === version.parts.major && parts.minor > version.parts.minor && !minorDirty);
}

function tilde(version: GoVersion, { version: wanted, minorDirty, patchDirty }: Constraint): boolean {
  if (compareVersions(version, wanted) < 0) return false;
  const { major, minor, patch } = wanted.parts;
  if (major === 0n && minor === 0n && patch === 0n && !minorDirty && !patchDirty) return true;
  return version.parts.major === major && (version.parts.minor === minor || minorDirty);
}

function caret(version: GoVersion, { version: wanted, minorDirty, patchDirty }: Constraint): boolean {
  if (compareVersions(version, wanted) < 0) return false;
  const { major, minor, patch } = wanted.parts;
  if (version.parts.major !== major) return false;
  if (major > 0n || minorDirty) return true;
  if (version.parts.minor !== minor) return false;
  return minor > 0n || patchDirty || version.parts.patch === patch;
}
