// The documentation holds together: its links lead somewhere, its queries fit the schema, and its generated pages say what the code says.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { referencePages } from './docs/reference-pages.js';

const ROOT = path.resolve(import.meta.dirname, '..');
/** Paths below docs/, with `/`. */
const DOCS = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((page) => page.endsWith('.md'))
  .map((page) => page.replaceAll('\\', '/'))
  .sort();
const PAGES = ['README.md', 'CHANGELOG.md', ...DOCS.map((page) => `docs/${page}`)];

const read = (page: string): string => readFileSync(path.join(ROOT, page), 'utf8');

/** A page without what only looks like Markdown: code, blocks of it and spans. */
const proseOf = (page: string): string =>
  read(page)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, '');

/** The anchors of a page, as the hosts of Git make them from headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = read(page)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The relative links of a page that lead nowhere. */
function brokenLinks(page: string): readonly string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^(?:https?|mailto):/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : path.join(path.dirname(page), file);
    if (!existsSync(path.join(ROOT, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
  });
}

describe('links', () => {
  it.each(PAGES)('of %s lead somewhere', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });
});

describe('GraphQL examples', () => {
  const schema = buildSchema(read('apps/hub/schema.graphql'));
  const examples = PAGES.flatMap((page) =>
    [...read(page).matchAll(/^```graphql\n([\s\S]*?)^```$/gm)].map(([, text = '']) => ({ page, text })),
  );

  it.each(examples)('of $page are valid: $text', ({ text }) => {
    expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([]);
  });
});

describe('generated pages', () => {
  it.each(referencePages())('$path says what the code says', async ({ path: page, text }) => {
    const file = path.join(ROOT, page);
    const formatted = await format(text, { ...(await resolveConfig(file)), filepath: file });
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, formatted);
    expect(read(page)).toBe(formatted);
  });
});
