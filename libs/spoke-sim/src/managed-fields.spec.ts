import { describe, expect, it } from 'vitest';
import { ApiError } from './api-error.js';
import type { Json, JsonMap, SimObject } from './json.js';
import { ownApply, ownUpdate, type OwnedKind } from './managed-fields.js';

const KIND: OwnedKind = { builtIn: true, kind: 'Deployment', hasStatus: true };
const CUSTOM: OwnedKind = { builtIn: false, kind: 'Wheel', hasStatus: false };
const NOW = '2026-01-01T00:00:00Z';

const by = (manager: string, force = false) => ({ manager, apiVersion: 'apps/v1', subresource: '', now: NOW, force });
const object = (spec: JsonMap): SimObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec,
});
const containers = (...items: Json[]): JsonMap => ({ template: { spec: { containers: items } } });

function apply(live: SimObject | undefined, spec: JsonMap, options: ReturnType<typeof by>): SimObject {
  return ownApply(KIND, { live, config: object(spec) }, options).object;
}

describe('server-side apply', () => {
  it('changes nothing when the same is applied again', () => {
    const first = apply(undefined, { replicas: 2 }, by('a'));
    const again = ownApply(
      KIND,
      { live: first, config: object({ replicas: 2 }) },
      { ...by('a'), now: '2030-01-01T00:00:00Z' },
    );
    expect(again).toEqual({ object: first, changed: false });
  });

  it('removes an item that it does not apply any more, with what the server filled in', () => {
    const first = apply(undefined, containers({ name: 'a', image: '1' }, { name: 'b', image: '1' }), by('a'));
    const filled = structuredClone(first);
    filled.spec = containers(
      { name: 'a', image: '1', imagePullPolicy: 'Always' },
      { name: 'b', image: '1', imagePullPolicy: 'Always' },
    );
    const second = apply(filled, containers({ name: 'b', image: '1' }), by('a'));
    expect(second.spec).toEqual(containers({ name: 'b', image: '1', imagePullPolicy: 'Always' }));
  });

  it('keeps a field that somebody else applied too', () => {
    const first = apply(undefined, { replicas: 2, paused: true }, by('a'));
    const shared = apply(first, { replicas: 2 }, by('b'));
    expect(apply(shared, {}, by('a')).spec).toEqual({ replicas: 2 });
  });

  it('replaces atomic lists and maps as one value', () => {
    const first = apply(undefined, { selector: { matchLabels: { a: '1' } }, args: ['x', 'y'] }, by('a'));
    const second = apply(first, { selector: { matchLabels: { b: '2' } }, args: ['z'] }, by('a'));
    expect(second.spec).toEqual({ selector: { matchLabels: { b: '2' } }, args: ['z'] });
    expect(() => apply(second, { args: ['other'] }, by('b'))).toThrow('conflict with "a": .spec.args');
  });

  it('names every owner of what it would change, and takes it by force', () => {
    const first = apply(undefined, { replicas: 2 }, by('a'));
    const edited = ownUpdate(
      KIND,
      { live: first, next: { ...first, spec: { replicas: 2, paused: true } } },
      by('kubectl-edit'),
    );
    const attempt = (): SimObject => apply(edited, { replicas: 3, paused: false }, by('b'));
    expect(attempt).toThrow(ApiError);
    expect(attempt).toThrow(
      /conflicts with "a":\n- \.spec\.replicas\nconflicts with "kubectl-edit" using apps\/v1:\n- \.spec\.paused/,
    );
    const forced = apply(edited, { replicas: 3, paused: false }, by('b', true));
    expect(forced.metadata.managedFields).toHaveLength(1);
  });

  it('treats the lists of kinds without a schema as one value', () => {
    const wheel = (list: Json[]): SimObject => ({
      apiVersion: 'x/v1',
      kind: 'Wheel',
      metadata: { name: 'w' },
      containers: list,
    });
    const first = ownApply(CUSTOM, { live: undefined, config: wheel([{ name: 'a' }]) }, by('a')).object;
    const second = ownApply(CUSTOM, { live: first, config: wheel([{ name: 'b' }]) }, by('a')).object;
    expect(second.containers).toEqual([{ name: 'b' }]);
  });

  it('takes over from a time before owners were recorded', () => {
    const live = object({ replicas: 1 });
    expect(() => apply(live, { replicas: 2 }, by('a'))).toThrow('before-first-apply');
    expect(apply(live, { replicas: 2 }, by('a', true)).spec).toEqual({ replicas: 2 });
  });
});

describe('updates', () => {
  it('own what they add or change, and take it from others', () => {
    const first = apply(undefined, { replicas: 2, paused: true }, by('a'));
    const next = ownUpdate(
      KIND,
      { live: first, next: { ...first, spec: { replicas: 5, paused: true } } },
      by('scaler'),
    );
    const entries = JSON.stringify(next.metadata.managedFields);
    expect(entries).toContain('"fieldsV1":{"f:spec":{"f:paused":{}}}');
    expect(entries).toContain('"fieldsV1":{"f:spec":{"f:replicas":{}}}');
  });

  it('forget the owners of what is gone, and of everything when told to', () => {
    const first = apply(undefined, { replicas: 2 }, by('a'));
    expect(
      ownUpdate(KIND, { live: first, next: { ...first, spec: {} } }, by('b')).metadata.managedFields,
    ).toBeUndefined();
    const reset = { ...first, metadata: { ...first.metadata, managedFields: [{}] } };
    expect(ownUpdate(KIND, { live: first, next: reset }, by('b')).metadata.managedFields).toBeUndefined();
  });
});
