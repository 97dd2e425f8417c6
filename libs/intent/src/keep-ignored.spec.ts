import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { differOnlyInIgnored, keepIgnored, readIgnoreRules, type LiveApplication } from './keep-ignored.js';
import type { Application, IgnoreApplicationDifference } from './types.js';

/** `<verdict>_<case>.yaml`: rules, what is generated and what is there, and what is expected. Every Application is called web. */
const CASES = new URL('../fixtures-keep-ignored/', import.meta.url);

interface Case {
  readonly rules: readonly IgnoreApplicationDifference[];
  readonly generated: LiveApplication;
  readonly live: LiveApplication;
  readonly expected: LiveApplication | { readonly fault: string };
  /** Pointers of the paths that are left out. */
  readonly problems?: readonly string[];
}

function application({ metadata, spec }: LiveApplication): Application {
  return { metadata: { name: 'web', namespace: 'argocd', finalizers: [], ...metadata }, spec };
}

const files = readdirSync(CASES).sort();

describe('keepIgnored', () => {
  it.each(files)('%s', (file) => {
    const {
      rules,
      generated,
      live,
      expected,
      problems = [],
    } = parse(readFileSync(new URL(file, CASES), 'utf8')) as Case;
    const fields = readIgnoreRules(rules);
    expect(fields.problems.map(({ pointer }) => pointer)).toEqual(problems);
    const result = keepIgnored(application(generated), application(live), fields);
    if ('fault' in expected) {
      expect(result).toEqual({ fault: expect.stringContaining(expected.fault) });
      return;
    }
    expect(result).toEqual({ application: application(expected) });
    // What is kept once is what is generated from then on: nothing differs a second time.
    expect(keepIgnored(application(generated), application(expected), fields)).toEqual(result);
  });

  it('says what to write instead', () => {
    const [problem] = readIgnoreRules([{ jqPathExpressions: ['.spec.sources[] | .path'] }]).problems;
    expect(problem?.message).toContain('.spec.sources[].targetRevision');
  });
});

describe('differOnlyInIgnored', () => {
  const rules = readIgnoreRules([{ jsonPointers: ['/spec/source/targetRevision'] }]);
  const source = { repoURL: 'https://git.example.com/fleet.git', path: 'web' };
  const at = (change: object): LiveApplication => ({
    metadata: { labels: {}, annotations: {} },
    spec: { project: 'default', destination: { name: 'a' }, source: { ...source, ...change } },
  });

  it.each([
    [{ targetRevision: 'main' }, { targetRevision: 'v1' }, true],
    [{}, { targetRevision: 'v1' }, true],
    [{ targetRevision: 'main' }, {}, true],
    [{ targetRevision: 'main', path: 'a' }, { targetRevision: 'v1' }, false],
    [{}, {}, true],
  ])('%j and %j: %j', (one, other, expected) => {
    expect(differOnlyInIgnored('web', [at(one), at(other)], rules)).toBe(expected);
  });
});
