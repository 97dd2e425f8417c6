import { AppError } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { branchSlug } from './branch-slug.js';
import { branchPhase, compilePullRequestFilters, compileScmFilters, repositoryPhase } from './scm-filters.js';

const repository = (name: string, ...labels: string[]) => ({ repository: name, labels });
const none = new Map<string, boolean>();

describe('repositories', () => {
  const passing = (filters: Parameters<typeof compileScmFilters>[0]) => {
    const compiled = compileScmFilters(filters, '/at');
    return [repository('one', 'prod-one', 'staging'), repository('two', 'prod-two'), repository('three', 'staging')]
      .filter((facts) => repositoryPhase(compiled, facts))
      .map((facts) => facts.repository);
  };

  it.each([
    ['no filter passes all', [], ['one', 'two', 'three']],
    ['a pattern is found anywhere', [{ repositoryMatch: 'n|hr' }], ['one', 'three']],
    ['anchors hold', [{ repositoryMatch: '^t' }], ['two', 'three']],
    ['a label is one of them', [{ labelMatch: '^prod-.*$' }], ['one', 'two']],
    ['conditions of one filter are AND-ed', [{ repositoryMatch: 'w', labelMatch: '^prod' }], ['two']],
    ['filters are OR-ed', [{ repositoryMatch: 'hr' }, { labelMatch: 'prod-one' }], ['one', 'three']],
    ['an empty filter says nothing', [{}], ['one', 'two', 'three']],
    ['branches of others are not asked for', [{ repositoryMatch: 'two', branchMatch: 'main' }], ['two']],
    ['a branch filter alone lets all repositories pass', [{ branchMatch: 'main' }], ['one', 'two', 'three']],
    ['both phases are AND-ed', [{ repositoryMatch: '^t' }, { labelMatch: 'prod', branchMatch: 'm' }], ['two']],
    ['an empty pattern matches everything', [{ repositoryMatch: '' }], ['one', 'two', 'three']],
  ])('%s', (_name, filters, expected) => {
    expect(passing(filters)).toEqual(expected);
  });
});

describe('branches', () => {
  const facts = { ...repository('web', 'prod'), branch: 'main' };

  it('asks for one path at a time, and stops where it is decided', () => {
    const filters = compileScmFilters([{ pathsExist: ['deploy/', 'app'], pathsDoNotExist: ['.off'] }], '/at');
    expect(branchPhase(filters, facts, none)).toEqual({ ask: 'deploy' });
    expect(branchPhase(filters, facts, new Map([['deploy', false]]))).toBe('fails');
    expect(branchPhase(filters, facts, new Map([['deploy', true]]))).toEqual({ ask: 'app' });
    const both = new Map([
      ['deploy', true],
      ['app', true],
    ]);
    expect(branchPhase(filters, facts, both)).toEqual({ ask: '.off' });
    expect(branchPhase(filters, facts, new Map([...both, ['.off', false]]))).toBe('passes');
    expect(branchPhase(filters, facts, new Map([...both, ['.off', true]]))).toBe('fails');
  });

  it('asks nothing of a branch whose name or repository does not match', () => {
    const filters = compileScmFilters(
      [
        { branchMatch: '^release', pathsExist: ['a'] },
        { labelMatch: 'test', pathsExist: ['b'] },
      ],
      '/at',
    );
    expect(branchPhase(filters, facts, none)).toBe('fails');
  });

  it('asks nothing where another filter passes already', () => {
    const filters = compileScmFilters([{ pathsExist: ['a'] }, { branchMatch: 'main' }], '/at');
    expect(branchPhase(filters, facts, none)).toBe('passes');
  });

  it('goes on to the next filter where one fails', () => {
    const filters = compileScmFilters([{ pathsExist: ['a'] }, { pathsExist: ['b'] }], '/at');
    expect(branchPhase(filters, facts, new Map([['a', false]]))).toEqual({ ask: 'b' });
  });

  it('passes all branches where no filter is about them', () => {
    expect(branchPhase(compileScmFilters([{ repositoryMatch: 'x' }], '/at'), facts, none)).toBe('passes');
    expect(branchPhase(compileScmFilters([{ pathsExist: [] }], '/at'), facts, none)).toBe('passes');
  });
});

describe('pull requests', () => {
  const facts = { branch: 'feature/a', targetBranch: 'main', title: '[preview] a' };

  it.each([
    ['no filter', [], true],
    ['an empty filter', [{}], true],
    ['all conditions', [{ branchMatch: '^feature/', targetBranchMatch: '^main$', titleMatch: 'preview' }], true],
    ['one condition fails', [{ branchMatch: '^feature/', targetBranchMatch: '^next$' }], false],
    ['one of two filters', [{ titleMatch: 'draft' }, { branchMatch: 'a$' }], true],
  ])('%s', (_name, filters, expected) => {
    expect(compilePullRequestFilters(filters, '/at')(facts)).toBe(expected);
  });
});

it('names the place of a pattern that cannot be compiled', () => {
  const compile = () => compileScmFilters([{}, { labelMatch: '(' }], '/spec/generators/0/scmProvider');
  expect(compile).toThrow(AppError);
  expect(compile).toThrow('/spec/generators/0/scmProvider/filters/1/labelMatch');
});

it('matches hostile texts in linear time', () => {
  const filters = compileScmFilters([{ repositoryMatch: '(a+)+$' }], '/at');
  const before = process.cpuUsage();
  expect(repositoryPhase(filters, repository(`${'a'.repeat(20_000)}!`))).toBe(false);
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
});

describe('slugs of branches', () => {
  it.each([
    ['feature/Great_Thing', 'feature-great-thing'],
    ['  a&b@c  ', 'aandbatc'],
    ["it's", 'its'],
    ['über/straße', 'uber-strasse'],
    ['--a..b--', 'a-b'],
    ['dependabot/npm_and_yarn/some-very-long-package-name-1.2.3', 'dependabot-npm-and-yarn-some-very-long-package'],
    ['x'.repeat(60), 'x'.repeat(50)],
    ['日本', ''],
  ])('%s', (branch, slug) => {
    expect(branchSlug(branch)).toBe(slug);
  });
});
