// YAML or JSON text of a user in, JSON values as Argo CD's YAML reader makes them out.
import { parse, type Tags } from 'yaml';
import { failedAt } from './params.js';

/** Scalars that YAML 1.1 has and JSON has too: the others (dates, binary data) stay texts. */
const JSON_TAGS = new Set(
  ['null', 'bool', 'int', 'float', 'str', 'map', 'seq', 'merge'].map((name) => `tag:yaml.org,2002:${name}`),
);
const MAX_ALIASES = 100;

/** Parses one document (YAML 1.1, bounded aliases). Throws ExpandFailed that names `what`, such as the path of a file, at `pointer`. */
export function parseYaml(text: string, pointer: string, what = 'it'): unknown {
  try {
    const customTags = (tags: Tags): Tags => tags.filter(isJsonTag);
    return parse(text, { version: '1.1', maxAliasCount: MAX_ALIASES, customTags });
  } catch (cause) {
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw failedAt(pointer, `${what} is not valid YAML: ${reason.replace(/:$/, '')}`, cause);
  }
}

function isJsonTag(tag: unknown): boolean {
  return typeof tag !== 'object' || tag === null || !('tag' in tag) || JSON_TAGS.has(String(tag.tag));
}
