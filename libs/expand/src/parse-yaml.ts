// YAML or JSON text of a user in, JSON values as Argo CD's YAML reader makes them out.
import { parseDocument, type Tags } from 'yaml';
import { failedAt } from './params.js';

/** Scalars that YAML 1.1 has and JSON has too: the others (dates, binary data) stay texts. */
const JSON_TAGS = new Set(
  ['null', 'bool', 'int', 'float', 'str', 'map', 'seq', 'merge'].map((name) => `tag:yaml.org,2002:${name}`),
);
const MAX_ALIASES = 100;
/** Deeper values are nobody's parameters: they are meant to exhaust the stack. */
const MAX_DEPTH = 200;

/**
 * Parses the first document (YAML 1.1 as Go's reader takes it: the last of equal keys wins, bounded aliases). Throws ExpandFailed that names
 * `what`, such as the path of a file, at `pointer`.
 */
export function parseYaml(text: string, pointer: string, what = 'it'): unknown {
  const parsed = parseJson(text) ?? parseDocuments(text, pointer, what);
  const problem = problemOf(parsed, MAX_DEPTH);
  if (problem !== undefined) throw failedAt(pointer, `${what} ${problem}`);
  return parsed;
}

function parseDocuments(text: string, pointer: string, what: string): unknown {
  try {
    const document = parseDocument(text, {
      version: '1.1',
      uniqueKeys: false,
      customTags: jsonTags,
      logLevel: 'silent',
    });
    // Go reads the first document of several, and does not look at the others.
    const problem = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
    if (problem !== undefined) throw problem;
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw failedAt(pointer, `${what} is not valid YAML: ${reason.replace(/:$/, '')}`, cause);
  }
}

/** JSON is YAML too, and read much faster as what it is. `undefined`: it is no JSON. */
function parseJson(text: string): unknown {
  const [first] = text.trimStart();
  if (first !== '{' && first !== '[') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Numbers to the base of 60 are texts to Go. */
function jsonTags(tags: Tags): Tags {
  return tags.filter(
    (tag) => typeof tag !== 'object' || (JSON_TAGS.has(tag.tag) && !('format' in tag && tag.format === 'TIME')),
  );
}

/** What JSON cannot hold, or nobody means; as in Argo CD an endless number is a failure. */
function problemOf(value: unknown, levels: number): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'holds a number that is none, or has no end';
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return `nests deeper than ${String(MAX_DEPTH)}`;
  for (const member of Object.values(value)) {
    const problem = problemOf(member, levels - 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
