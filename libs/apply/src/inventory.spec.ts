import fc from 'fast-check';
import { formatResourceKey, TRACKING_ANNOTATION, type KubeObject } from '@wheelwright/kernel';
import type { Observed } from '@wheelwright/observe';
import {
  aimObjects,
  DEFAULT_SYNC_OPTIONS,
  plan,
  questionsOf,
  summarise,
  type Answer,
  type KnownObject,
  type Plan,
  type PlanInput,
  type Target,
} from '@wheelwright/plan';
import { describe, expect, it } from 'vitest';
import { batchesOf } from './batches.js';
import { inventoryAfter } from './inventory.js';
import type { Change } from './types.js';

/** A spoke as a map: enough to carry out plans and to answer questions, without a network. */
class ModelSpoke {
  private readonly objects = new Map<string, KubeObject>();
  private version = 0;

  observed(): ReadonlyMap<string, Observed> {
    return new Map([...this.objects].map(([text, object]) => [text, observedOf(object)]));
  }

  answers(input: PlanInput): ReadonlyMap<string, Answer> {
    return new Map(
      questionsOf(input).map(({ key, object }) => {
        const live = this.objects.get(formatResourceKey(key));
        const answer: Answer = {
          ...(live === undefined ? {} : { live, fingerprint: fingerprintOf(live) }),
          ...(object === undefined || live === undefined ? {} : { dryRun: merged(object, live) }),
        };
        return [formatResourceKey(key), answer];
      }),
    );
  }

  /** Carries out a plan; entries whose name is in `failing` fail. */
  carryOut(made: Plan, failing: ReadonlySet<string>): readonly Change[] {
    return batchesOf(made)
      .flat()
      .map(({ key, action, desired }): Change => {
        const text = formatResourceKey(key);
        if (failing.has(key.name)) return { key, action: 'failed', message: 'no' };
        if (action === 'prune' || desired === undefined) {
          this.objects.delete(text);
          return { key, action: 'deleted' };
        }
        const live = this.put(text, merged(desired, this.objects.get(text)));
        return { key, action: action === 'create' ? 'created' : 'configured', live, fingerprint: fingerprintOf(live) };
      });
  }

  drift(name: string): void {
    for (const [text, object] of this.objects) {
      if (object.metadata.name === name) this.put(text, { ...object, data: { drifted: 'yes' } });
    }
  }

  remove(name: string): void {
    for (const [text, object] of this.objects) if (object.metadata.name === name) this.objects.delete(text);
  }

  names(): readonly string[] {
    return [...this.objects.values()].map((object) => object.metadata.name ?? '').sort();
  }

  private put(text: string, object: KubeObject): KubeObject {
    this.version += 1;
    const uid = object.metadata.uid ?? `u${String(this.version)}`;
    const live = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(this.version) } };
    this.objects.set(text, live);
    return live;
  }
}

function merged(desired: KubeObject, live: KubeObject | undefined): KubeObject {
  const { uid, resourceVersion } = live?.metadata ?? {};
  return {
    ...desired,
    metadata: {
      ...desired.metadata,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
}

function fingerprintOf(live: KubeObject): string {
  return `v${live.metadata.resourceVersion ?? ''}`;
}

function observedOf(live: KubeObject): Observed {
  return {
    key: { group: '', kind: live.kind, namespace: live.metadata.namespace ?? '', name: live.metadata.name ?? '' },
    uid: live.metadata.uid ?? '',
    fingerprint: fingerprintOf(live),
    resourceVersion: live.metadata.resourceVersion ?? '',
    trackingId: live.metadata.annotations?.[TRACKING_ANNOTATION] ?? '',
    deleting: false,
  };
}

function targetsOf(desired: Readonly<Record<string, string>>): readonly Target[] {
  const objects = Object.entries(desired).map(([name, value]) => ({
    apiVersion: 'v1',
    kind: name < 'c' ? 'Secret' : 'ConfigMap',
    metadata: { name, annotations: { 'argocd.argoproj.io/sync-wave': String(name.length % 2) } },
    data: { value },
  }));
  return aimObjects(objects, {
    applicationName: 'web',
    destinationNamespace: 'shop',
    installationId: 'hub',
    scopeOf: () => 'Namespaced',
    syncOptions: DEFAULT_SYNC_OPTIONS,
  }).targets;
}

function inputOf(targets: readonly Target[], known: readonly KnownObject[], spoke: ModelSpoke): PlanInput {
  return { application: 'web', targets, known, observed: spoke.observed(), options: DEFAULT_SYNC_OPTIONS };
}

interface Round {
  readonly desired: Record<string, string>;
  readonly drifted: readonly string[];
  readonly removed: readonly string[];
  readonly failing: readonly string[];
}

const name = fc.constantFrom('a', 'bb', 'c', 'dd', 'e');
const round: fc.Arbitrary<Round> = fc.record({
  desired: fc.dictionary(name, fc.constantFrom('1', '2')),
  drifted: fc.array(name, { maxLength: 2 }),
  removed: fc.array(name, { maxLength: 2 }),
  failing: fc.array(name, { maxLength: 2 }),
});

describe('the inventory after an apply', () => {
  it('converges: the plan of an applied plan is empty, and asks nothing (property)', () => {
    fc.assert(
      fc.property(fc.array(round, { minLength: 1, maxLength: 6 }), (rounds) => {
        const spoke = new ModelSpoke();
        let known: readonly KnownObject[] = [];
        for (const { desired, drifted, removed, failing } of rounds) {
          drifted.forEach((one) => spoke.drift(one));
          removed.forEach((one) => spoke.remove(one));
          const targets = targetsOf(desired);
          for (const broken of [new Set(failing), new Set<string>()]) {
            const input = inputOf(targets, known, spoke);
            const made = plan(input, spoke.answers(input));
            known = inventoryAfter(known, made, { changes: spoke.carryOut(made, broken) });
            // Whatever is on the spoke and ours is known: a failed prune is not forgotten.
            const knownNames = new Set(known.map(({ key }) => key.name));
            for (const live of spoke.names()) expect(knownNames).toContain(live);
          }
          expect(spoke.names()).toEqual(Object.keys(desired).sort());
          const again = inputOf(targets, known, spoke);
          expect(questionsOf(again)).toEqual([]);
          expect(summarise(plan(again, new Map()))).toMatchObject({ changes: 0, prunes: 0, inSync: true });
          expect(known.map(({ key }) => key.name).sort()).toEqual(spoke.names());
        }
      }),
      { numRuns: 150 },
    );
  });

  it('changes nothing that was not reached', () => {
    const spoke = new ModelSpoke();
    const input = inputOf(targetsOf({ a: '1', c: '1' }), [], spoke);
    const made = plan(input, new Map());
    const [only] = spoke.carryOut(made, new Set());
    if (only === undefined) throw new Error('nothing was written');
    expect(inventoryAfter([], made, { changes: [only] }).map(({ key }) => key.name)).toEqual([only.key.name]);
    expect(inventoryAfter([], made, { changes: [] })).toEqual([]);
  });
});

describe('batches', () => {
  it('hold one kind of one wave each, prunes first', () => {
    const spoke = new ModelSpoke();
    const first = inputOf(targetsOf({ a: '1', bb: '1', c: '1' }), [], spoke);
    const made = plan(first, new Map());
    const known = inventoryAfter([], made, { changes: spoke.carryOut(made, new Set()) });
    const second = inputOf(targetsOf({ a: '2', b: '1', c: '2', e: '1' }), known, spoke);
    const next = plan(second, spoke.answers(second));
    const shown = batchesOf(next).map((batch) => batch.map(({ key, action }) => `${key.name} ${action}`));
    // bb was the only one of wave 0.
    expect(shown).toEqual([['bb prune'], ['a update', 'b create'], ['c update', 'e create']]);
    expect(batchesOf({ entries: next.entries.filter(({ wave }) => wave === 0) })).toHaveLength(1);
    expect(batchesOf({ entries: [] })).toEqual([]);
  });
});
