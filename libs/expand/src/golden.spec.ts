// Walks libs/expand/fixtures: each case is a set as users write it (set.yaml), facts in short form (facts.json) and what comes out
// (expected.json). UPDATE_GOLDEN=1 rewrites what comes out.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ApplicationSet } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lintUnread, type Expansion, type FactRequest } from './index.js';
import { expandIn, type World } from './testing/answer-facts.js';
import { readSetFixture, type SetDocument } from './testing/read-set.js';

const ROOT = fileURLToPath(new URL('../fixtures/', import.meta.url));
const CASES = readdirSync(ROOT).sort();

describe('golden expansions', () => {
  it('has at least 260 cases', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(260);
  });

  it.each(CASES)('%s says before anything is read only what it says afterwards', (name) => {
    const set = readSetFixture(parse(readFileSync(`${ROOT}${name}/set.yaml`, 'utf8')) as SetDocument);
    const world = JSON.parse(readFileSync(`${ROOT}${name}/facts.json`, 'utf8')) as World;
    const early = lintUnread(set).map(({ code, pointer }) => ({ code, pointer }));
    const late = outcome(set, world);
    if ('issues' in late && late.issues.length < 100)
      expect(late.issues).toEqual(
        expect.arrayContaining(early.map((each) => expect.objectContaining(each) as unknown)),
      );
  });

  it.each(CASES)('%s', (name) => {
    const folder = `${ROOT}${name}/`;
    const set = readSetFixture(parse(readFileSync(`${folder}set.yaml`, 'utf8')) as SetDocument);
    const world = JSON.parse(readFileSync(`${folder}facts.json`, 'utf8')) as World;
    const actual = `${JSON.stringify(outcome(set, world), null, 2)}\n`;
    const file = `${folder}expected.json`;
    if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(file)) {
      if (process.env['UPDATE_GOLDEN'] !== '1')
        throw new Error(`${name} has no expected.json: run with UPDATE_GOLDEN=1`);
      writeFileSync(file, actual);
    }
    expect(actual).toBe(readFileSync(file, 'utf8'));
  });
});

function outcome(
  set: ApplicationSet,
  world: World,
): Expansion | { readonly needs: readonly FactRequest[] } | { readonly error: object } {
  try {
    const result = expandIn(set, world);
    return result.kind === 'complete' ? result.expansion : { needs: result.requests };
  } catch (error) {
    if (error instanceof AppError) return { error: { code: error.code, message: error.message } };
    throw error;
  }
}
