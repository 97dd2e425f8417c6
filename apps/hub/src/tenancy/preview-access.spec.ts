import { projectGrants, type Actor } from '@wheelwright/access';
import type { SetPreview } from '@wheelwright/expand';
import { describe, expect, it } from 'vitest';
import { previewFor } from './preview-access.js';

const admin: Actor = { id: '1', name: 'admin', role: 'admin', via: 'session' };
const ci: Actor = {
  id: '2',
  name: 'token:ci',
  role: 'proj:shop:ci',
  via: 'token',
  rights: { project: 'shop', namespace: 'argocd', role: 'ci', grants: projectGrants('shop', [{ name: 'ci' }]) },
};
const generated = {
  project: 'shop',
  destination: {},
  origin: { generator: '/spec/generators/0', params: {} },
  differences: [],
};
const reason = 'it belongs to the set bank-set';
const preview: SetPreview = {
  set: 'shop-set',
  exists: true,
  counts: { create: 1, change: 0, unchanged: 0, refuse: 1, invalid: 0, remove: 0, handOver: 0 },
  applications: [
    { ...generated, name: 'taken', action: 'refuse', reason },
    { ...generated, name: 'web', action: 'create' },
  ],
  removed: [],
  held: null,
  handedOver: [{ name: 'moving', set: 'bank-set' }],
  issues: [
    {
      severity: 'error',
      code: 'NameTaken',
      message: `taken is not written: ${reason}`,
      pointer: '',
      application: 'taken',
    },
    { severity: 'warning', code: 'TrailingSlash', message: 'matches nothing', pointer: '/spec' },
  ],
};

describe('a preview', () => {
  it('does not tell a project role who has a name', () => {
    const shown = previewFor(ci, preview);
    expect(JSON.stringify(shown)).not.toContain('bank');
    expect(shown.applications.map((each) => each.reason)).toEqual(['the name is not free', undefined]);
    expect(shown.issues.map(({ message }) => message)).toEqual([
      'taken is not written: the name is not free',
      'matches nothing',
    ]);
    expect(shown.handedOver).toEqual([{ name: 'moving', set: '' }]);
    expect(shown.counts).toEqual(preview.counts);
  });

  it('is whole for the roles of the hub', () => {
    expect(previewFor(admin, preview)).toBe(preview);
  });
});
