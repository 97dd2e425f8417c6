// Which commit of which source an Application gets: what its target revision has come to, or what somebody holds it at.
import type { ApplicationSource } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import { pinHolds, pinText, sourceDigest, type Pin } from '@wheelwright/rollout';
import type { SourceTree } from '@wheelwright/source';
import type { Sources } from './context.js';
import type { Fact } from './desired.js';
import type { DueApplication } from './load.js';

/** What to deploy. */
export interface ChosenRevision {
  readonly commit: string;
  readonly source: ApplicationSource;
  readonly tree: SourceTree;
  readonly facts: readonly Fact[];
  /** A held revision that holds no more: something newer is declared. */
  readonly pinOver?: string;
}

/** Chooses and opens the tree. Throws `SourceFailed` where what is wanted cannot be read; `pending` where the repository was not asked yet. */
export async function chooseRevision(
  sources: Sources,
  due: DueApplication,
  declared: ApplicationSource,
): Promise<ChosenRevision | 'pending'> {
  const { pin } = due;
  if (pin?.kind === 'pin') return held(sources, pin, declared);
  if (pin === undefined) return atTip(sources, declared);
  const tip = await atTip(sources, declared).catch(unreadable);
  if (tip === 'pending') return 'pending';
  const isHeld = pinHolds(pin, {
    digest: sourceDigest(declared),
    ...(tip === undefined ? {} : { tip: { commit: tip.commit, treeDigest: tip.tree.treeDigest } }),
    deniedTrees: await treesOf(sources, pin.denied, declared),
  });
  if (isHeld) return held(sources, pin, declared);
  // What is declared anew must not hide behind what was held: its own failure is told.
  const newer = tip ?? (await atTip(sources, declared));
  return newer === 'pending' ? newer : { ...newer, pinOver: pin.id };
}

async function atTip(sources: Sources, source: ApplicationSource): Promise<ChosenRevision | 'pending'> {
  const resolved = await sources.resolve(source.repoURL, source.targetRevision ?? 'HEAD');
  if (resolved === 'pending') return 'pending';
  const { commit } = resolved;
  return { commit, source, tree: await sources.openTree(source.repoURL, commit, source.path ?? ''), facts: [] };
}

async function held(sources: Sources, pin: Pin, declared: ApplicationSource): Promise<ChosenRevision> {
  const source = pin.source ?? declared;
  const tree = await sources.openTree(source.repoURL, pin.revision, source.path ?? '');
  const type = pin.kind === 'rollback' ? 'RolledBack' : 'Pinned';
  return { commit: pin.revision, source, tree, facts: [{ type, message: pinText(pin) }] };
}

/** What the denied commits have under the declared path; one that cannot be read any more is still denied by its own name. */
async function treesOf(
  sources: Sources,
  commits: readonly string[],
  { repoURL, path = '' }: ApplicationSource,
): Promise<ReadonlySet<string>> {
  const trees = await Promise.all(commits.map((commit) => sources.openTree(repoURL, commit, path).catch(unreadable)));
  return new Set(trees.flatMap((tree) => (tree === undefined ? [] : [tree.treeDigest])));
}

function unreadable(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'SourceFailed') return undefined;
  throw error;
}
