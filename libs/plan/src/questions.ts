// Desired, inventory and observation in; what must be asked of the spoke before a plan can be made out. Where nothing changed: nothing.
import { formatResourceKey, type ResourceKey } from '@wheelwright/kernel';
import type { Observed } from '@wheelwright/observe';
import { otherOwner } from './ownership.js';
import type { KnownObject, PlanInput, Question, Target } from './types.js';

/**
 * What to ask, in no particular order. An object is asked about when its desired digest is not the one that was applied, or its live fingerprint
 * is not the one that was left; every object that is to be pruned is read first. Objects that are to be created cost nothing.
 */
export function questionsOf(input: PlanInput): readonly Question[] {
  const known = new Map(input.known.map((object) => [formatResourceKey(object.key), object]));
  const questions: Question[] = [];
  for (const target of input.targets) {
    const text = formatResourceKey(target.key);
    if (needsAnswer(target, { known: known.get(text), observed: input.observed.get(text), input })) {
      questions.push({
        key: target.key,
        version: target.version,
        ...(target.implicitNamespace === 'bare' || target.options.write !== 'always' ? {} : { object: target.object }),
        ...(mayRecreate(target) ? { force: true as const } : {}),
      });
    }
  }
  const desired = new Set(input.targets.map(({ key }) => formatResourceKey(key)));
  for (const { key, version } of input.known) {
    if (!desired.has(formatResourceKey(key))) questions.push({ key, version });
  }
  return questions;
}

/** Kinds that hold other objects, or data: whatever is asked for, they are not deleted in order to be created again. */
const KEPT: ReadonlySet<string> = new Set([
  '/Namespace',
  '/PersistentVolume',
  '/PersistentVolumeClaim',
  'apiextensions.k8s.io/CustomResourceDefinition',
]);

/** Whether an object that cannot be updated may be deleted and created again: it asks for that, and nothing keeps it. */
export function mayRecreate({ key, options }: Target): boolean {
  const isFree = options.prune === 'allowed' && options.delete === 'allowed';
  return options.force && isFree && !KEPT.has(`${key.group}/${key.kind}`);
}

/** What is known and seen of one target. */
export interface Sighting {
  readonly known: KnownObject | undefined;
  readonly observed: Observed | undefined;
  readonly input: Pick<PlanInput, 'application' | 'observed' | 'isApplication' | 'thorough'>;
}

/** Whether the spoke must be asked about a target. */
export function needsAnswer(target: Target, { known, observed, input }: Sighting): boolean {
  if (target.implicitNamespace === 'bare') return !namespaceExists(target.key, input.observed);
  // What is written only where there is nothing, or never, is not compared: that it is there is all there is to know.
  if (target.options.write !== 'always') return observed === undefined;
  if (observed === undefined) return input.thorough === true || target.implicitNamespace !== undefined;
  if (observed.deleting || otherOwner(target.key, observed.trackingId, input) !== undefined) return false;
  return input.thorough === true || !isUnchanged(target, { known, observed });
}

/** Whether neither what is desired nor what is live moved since the two were last found equal. */
export function isUnchanged(target: Target, { known, observed }: Pick<Sighting, 'known' | 'observed'>): boolean {
  return (
    known !== undefined &&
    observed !== undefined &&
    known.appliedDigest !== '' &&
    known.fingerprint !== '' &&
    known.appliedDigest === target.digest &&
    known.fingerprint === observed.fingerprint &&
    known.uid === observed.uid
  );
}

/** Whether a namespace is there for certain: it was seen, or something that lives in it was. */
export function namespaceExists(namespace: ResourceKey, observed: ReadonlyMap<string, Observed>): boolean {
  const itself = observed.get(formatResourceKey(namespace));
  if (itself !== undefined) return true;
  for (const { key } of observed.values()) {
    if (key.namespace === namespace.name) return true;
  }
  return false;
}
