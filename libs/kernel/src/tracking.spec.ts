import { describe, expect, it } from 'vitest';
import { parseTrackingId, trackingId, tracksItself } from './tracking.js';

describe('tracking ids', () => {
  it.each([
    [{ group: '', kind: 'ConfigMap', namespace: 'shop', name: 'settings' }, 'web:/ConfigMap:shop/settings'],
    [{ group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'api' }, 'web:apps/Deployment:shop/api'],
    [
      { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', namespace: '', name: 'system:reader' },
      'web:rbac.authorization.k8s.io/ClusterRole:/system:reader',
    ],
  ])('round-trips %o', (key, text) => {
    expect(trackingId('web', key)).toBe(text);
    expect(parseTrackingId(text)).toEqual({ application: 'web', key });
  });

  it.each([
    '',
    'web',
    'web:apps/Deployment',
    ':apps/Deployment:a/b',
    'web:Deployment:a/b',
    'web:a/b:c/d/e',
    'web:a/b:c/',
  ])('refuses %j', (text) => {
    expect(parseTrackingId(text)).toBeUndefined();
  });

  it('does not take a copied object for its original, and ignores the namespace of a cluster-scoped one', () => {
    const tracked = { application: 'web', key: { group: '', kind: 'Namespace', namespace: 'shop', name: 'shop' } };
    expect(tracksItself(tracked, { group: '', kind: 'Namespace', namespace: '', name: 'shop' })).toBe(true);
    expect(tracksItself(tracked, { group: '', kind: 'Namespace', namespace: '', name: 'copy' })).toBe(false);
    const namespaced = { application: 'web', key: { group: '', kind: 'Secret', namespace: 'a', name: 's' } };
    expect(tracksItself(namespaced, { group: '', kind: 'Secret', namespace: 'b', name: 's' })).toBe(false);
  });
});
