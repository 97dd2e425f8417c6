import { describe, expect, it } from 'vitest';
import { contestText } from './contested.js';
import type { FieldDifference, PlanEntry } from './types.js';

function updated(name: string, differences: readonly FieldDifference[]): PlanEntry {
  return {
    key: { group: 'apps', kind: 'Deployment', namespace: 'shop', name },
    version: 'v1',
    action: 'update',
    wave: 0,
    desiredDigest: 'd',
    fingerprint: '',
    differences,
  };
}

describe('who contests a repair', () => {
  it('names managers, fields and objects, and cuts long lists', () => {
    const web = updated('web', [
      { pointer: '/spec/replicas', contestedBy: ['kubectl-edit'] },
      { pointer: '/spec/paused' },
      { pointer: '/metadata/labels/a~1b', contestedBy: ['kubectl-edit', 'bot'] },
    ]);
    const other = updated('other', [
      { pointer: '/spec/x', contestedBy: ['kubectl-edit'] },
      { pointer: '/spec/y', contestedBy: ['kubectl-edit'] },
    ]);
    expect(contestText({ entries: [web, other] })).toBe(
      'bot keeps writing metadata.labels.a/b of Deployment shop/web; ' +
        'kubectl-edit keeps writing spec.replicas of Deployment shop/web, metadata.labels.a/b of Deployment shop/web, spec.x of Deployment shop/other and 1 more',
    );
  });

  it('says nothing where nobody else owns what differs', () => {
    expect(contestText({ entries: [updated('web', [{ pointer: '/spec/replicas' }])] })).toBeUndefined();
    expect(contestText({ entries: [] })).toBeUndefined();
  });
});
