// A held revision, what is declared and what Git says of it in; whether it still holds out.
import { digestOf, isJsonObject } from '@wheelwright/kernel';
import type { ApplicationSource, ApplicationSpec } from '@wheelwright/intent';

/** A commit that somebody holds an Application at. */
export interface Pin {
  readonly id: string;
  /** `rollback` ends by itself when something newer is declared, `pin` when somebody says so. */
  readonly kind: 'rollback' | 'pin';
  readonly revision: string;
  /** The source as it was deployed then; absent: as it is declared. */
  readonly source?: ApplicationSource;
  /** {@link sourceDigest} of what was declared when it began. */
  readonly declaredDigest: string;
  /** Commits that were rolled away. */
  readonly denied: readonly string[];
  readonly reason: string;
  readonly pinnedBy: string;
}

/** What is declared now, and what its target revision has come to. */
export interface Declared {
  readonly digest: string;
  /** Absent: the target revision cannot be read now, so that nothing newer is known. */
  readonly tip?: { readonly commit: string; readonly treeDigest: string };
  /** Digests of the trees that the denied commits have under the declared path. */
  readonly deniedTrees: ReadonlySet<string>;
}

/**
 * Whether a held revision still holds. A rollback denies what was rolled away, and not only by commit: in a repository of many Applications a
 * commit that leaves this one's files as they were brings nothing newer. Another declared source, or other files, end it: so does a reverted commit.
 */
export function pinHolds(pin: Pin, declared: Declared): boolean {
  if (pin.kind === 'pin') return true;
  if (pin.declaredDigest !== declared.digest) return false;
  const { tip } = declared;
  return tip === undefined || pin.denied.includes(tip.commit) || declared.deniedTrees.has(tip.treeDigest);
}

/** What a person reads while a revision is held. */
export function pinText(pin: Pin): string {
  const why = pin.reason === '' ? '' : `: ${pin.reason}`;
  const held = `${pin.kind === 'rollback' ? 'rolled back to' : 'pinned to'} ${pin.revision.slice(0, 12)} by ${pin.pinnedBy}${why}`;
  return pin.kind === 'rollback'
    ? `${held}; what was rolled away is not deployed again until something newer is declared (unpinApplication ends it)`
    : `${held}; nothing else is deployed until unpinApplication ends it`;
}

/** Digest of a declared source with all its parameters. Absent fields do not count. */
export function sourceDigest(source: ApplicationSource): string {
  const value: unknown = source;
  return digestOf(isJsonObject(value) ? value : null);
}

/** The source that an Application declares: the first of several. */
export function declaredSource(spec: ApplicationSpec): ApplicationSource | undefined {
  return spec.sources?.[0] ?? spec.source;
}
