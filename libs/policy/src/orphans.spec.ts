import type { AppProject, OrphanedResources } from '@wheelwright/intent';
import { describe, expect, it } from 'vitest';
import { isNeverOrphan, orphanPolicy, orphanTest, type LiveObject } from './orphans.js';

const project = (orphanedResources?: OrphanedResources): AppProject => ({
  metadata: { name: 'shop', namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] },
  spec: orphanedResources === undefined ? {} : { orphanedResources },
});
const live = (patch: Partial<LiveObject> = {}): LiveObject => ({
  group: 'apps',
  kind: 'Deployment',
  namespace: 'team-a',
  name: 'web',
  owners: 0,
  ...patch,
});

describe('the test for orphans', () => {
  it.each<[Partial<LiveObject>, boolean]>([
    [{}, true],
    [{ owners: 1 }, false],
    [{ namespace: '' }, false],
    [{ group: '', kind: 'ConfigMap', name: 'kube-root-ca.crt' }, false],
    [{ group: '', kind: 'ConfigMap', name: 'own' }, true],
    [{ group: '', kind: 'ServiceAccount', name: 'default' }, false],
    [{ group: '', kind: 'ServiceAccount', name: 'own' }, true],
    [{ group: '', kind: 'Service', namespace: 'default', name: 'kubernetes' }, false],
    [{ group: '', kind: 'Service', name: 'kubernetes' }, true],
    [{ group: 'serving.knative.dev', kind: 'Service', namespace: 'default', name: 'kubernetes' }, true],
    [{ group: '', kind: 'Event' }, false],
    [{ group: 'events.k8s.io', kind: 'Event' }, false],
    [{ group: 'coordination.k8s.io', kind: 'Lease' }, false],
    [{ group: '', kind: 'Endpoints' }, false],
    [{ group: 'discovery.k8s.io', kind: 'EndpointSlice' }, false],
  ])('%j: %s', (patch, expected) => {
    expect(orphanTest(project({}))(live(patch))).toBe(expected);
    expect(orphanTest(project())(live(patch))).toBe(false);
  });

  it.each<[NonNullable<OrphanedResources['ignore']>[number], boolean]>([
    [{ group: 'apps', kind: 'Deployment', name: 'web' }, false],
    [{ group: 'apps', kind: 'Deployment' }, false],
    [{ group: 'apps' }, false],
    [{ group: '*' }, false],
    [{ group: 'ap*', name: 'w?b' }, false],
    [{ group: 'apps', kind: 'DaemonSet' }, true],
    [{ group: 'apps', name: 'db' }, true],
    // Without a group, the core group is meant.
    [{ kind: 'Deployment' }, true],
    [{}, true],
  ])('ignores %j: orphan %s', (item, expected) => {
    expect(orphanTest(project({ ignore: [item] }))(live())).toBe(expected);
  });

  it.each([
    ['', 'Event', true],
    ['coordination.k8s.io', 'Lease', true],
    ['', 'ConfigMap', false],
    ['', 'Service', false],
    ['serving.knative.dev', 'Event', false],
  ])('knows without a look that no %s/%s is one: %s', (group, kind, expected) => {
    expect(isNeverOrphan({ group, kind })).toBe(expected);
  });

  it('warns unless the project says no', () => {
    expect(orphanPolicy(project())).toEqual({ searches: false, warns: false });
    expect(orphanPolicy(project({}))).toEqual({ searches: true, warns: true });
    expect(orphanPolicy(project({ warn: false }))).toEqual({ searches: true, warns: false });
  });
});
