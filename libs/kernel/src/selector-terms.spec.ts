import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesSelector, type LabelSelector } from './kubernetes.js';
import { labelTerms, selectorTerms } from './selector-terms.js';

describe('selectorTerms', () => {
  it.each<[string, LabelSelector, readonly string[]]>([
    ['nothing', {}, ['']],
    ['the longest pair', { matchLabels: { env: 'prod', team: 'payments' } }, ['team=payments']],
    [
      'each value of In',
      { matchExpressions: [{ key: 'env', operator: 'In', values: ['qa', 'prod'] }] },
      ['env=prod', 'env=qa'],
    ],
    ['no value of In', { matchExpressions: [{ key: 'env', operator: 'In', values: [] }] }, []],
    ['a key', { matchExpressions: [{ key: 'env', operator: 'Exists' }] }, ['env']],
    ['only what must not be', { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['qa'] }] }, ['']],
  ])('reads %s', (_, selector, terms) => {
    expect(selectorTerms(selector)).toEqual(terms);
  });

  it('finds every selector that matches', () => {
    const text = fc.constantFrom('a', 'b', 'c', '');
    const labels = fc.dictionary(fc.constantFrom('x', 'y', 'z'), text);
    const requirement = fc.record({
      key: fc.constantFrom('x', 'y', 'z'),
      operator: fc.constantFrom('In' as const, 'NotIn' as const, 'Exists' as const, 'DoesNotExist' as const),
      values: fc.array(text, { maxLength: 3 }),
    });
    const selectors = fc.record({ matchLabels: labels, matchExpressions: fc.array(requirement, { maxLength: 3 }) });
    fc.assert(
      fc.property(selectors, labels, (selector, given) => {
        const terms = new Set(selectorTerms(selector));
        expect(!matchesSelector(selector, given) || labelTerms(given).some((term) => terms.has(term))).toBe(true);
      }),
    );
  });
});
