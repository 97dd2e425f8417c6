import { MANAGED_BY_LABEL, TRACKING_ANNOTATION, type KubeObject } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { compileIgnoreRules, placed, type IgnoredFields } from './ignore.js';
import { respectIgnored } from './respect.js';

const MARKS = {
  labels: { [MANAGED_BY_LABEL]: 'hub' },
  annotations: { [TRACKING_ANNOTATION]: 'web:apps/Deployment:shop/web' },
};

function deployment(spec: KubeObject['metadata'], metadata: KubeObject['metadata'] = {}): KubeObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...MARKS, ...metadata }, spec };
}

function ignoring(...jsonPointers: readonly string[]): IgnoredFields {
  const rules = compileIgnoreRules(placed([{ group: 'apps', kind: 'Deployment', jsonPointers }]));
  return rules.fieldsOf({ group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' });
}

describe('respecting ignored differences', () => {
  it('applies ignored fields as they are live, and all others as they are declared', () => {
    const desired = deployment({ replicas: 1, paused: true, minReadySeconds: 5 });
    const live = deployment({ replicas: 7, minReadySeconds: 1 });
    const respected = respectIgnored({
      desired,
      live,
      predicted: live,
      ignored: ignoring('/spec/replicas', '/spec/paused'),
    });
    expect(respected).toEqual(deployment({ replicas: 7, minReadySeconds: 5 }));
  });

  it('takes what jq named, on either side', () => {
    const desired = deployment({ replicas: 1, paused: true });
    const live = deployment({ replicas: 7 });
    const named = { live: [['spec', 'replicas']], predicted: [['spec', 'paused']], problems: [] };
    const respected = respectIgnored({ desired, live, predicted: desired, ignored: ignoring(), named });
    expect(respected).toEqual(deployment({ replicas: 7 }));
  });

  it('takes what an ignored manager owns', () => {
    const managedFields = [
      { manager: 'scaler', operation: 'Update', fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    ];
    const desired = deployment({ replicas: 1, minReadySeconds: 5 });
    const live = deployment({ replicas: 7, minReadySeconds: 1 }, { managedFields });
    const ignored = { ...ignoring(), managers: ['scaler'] };
    expect(respectIgnored({ desired, live, predicted: desired, ignored })).toEqual(
      deployment({ replicas: 7, minReadySeconds: 5 }),
    );
  });

  it('never takes identity, status, or whose the object is', () => {
    const desired = deployment({ replicas: 1 });
    const live: KubeObject = {
      ...deployment({ replicas: 1 }, { name: 'web', uid: 'u', labels: { a: 'b' }, annotations: { c: 'd' } }),
      status: { replicas: 1 },
    };
    const ignored = ignoring(
      '/metadata',
      '/metadata/uid',
      '/status',
      '/kind',
      '/metadata/labels',
      '/metadata/annotations',
    );
    expect(respectIgnored({ desired, live, predicted: desired, ignored })).toEqual(
      deployment(
        { replicas: 1 },
        { labels: { a: 'b', ...MARKS.labels }, annotations: { c: 'd', ...MARKS.annotations } },
      ),
    );
  });
});
