// Addresses of APIs: put together from parts that documents and hosts chose, so that no part can lead out of its place.
import { AppError } from '@wheelwright/kernel';

/** The value as one segment of a path. Throws InvalidRequest for what could climb (`..`) or vanish. */
function segment(value: string): string {
  if (value === '' || value === '.' || value === '..') {
    throw new AppError('InvalidRequest', `${JSON.stringify(value)} cannot be a part of an address of a Git host`);
  }
  return encodeURIComponent(value);
}

/** A path with each value as exactly one segment: `path\`/repos/${owner}/${repo}\``. */
export function path(texts: TemplateStringsArray, ...values: readonly string[]): string {
  return texts.map((text, index) => text + (index < values.length ? segment(values[index] ?? '') : '')).join('');
}

/** A path inside a repository, each of its parts encoded, without slashes at its ends. Throws InvalidRequest for one that climbs. */
export function filePath(file: string): string {
  return partsOf(file).map(encodeURIComponent).join('/');
}

/** A path inside a repository without empty parts and `.`. Throws InvalidRequest for one that climbs. */
export function plainPath(file: string): string {
  return partsOf(file).join('/');
}

function partsOf(file: string): readonly string[] {
  const parts = file.split('/').filter((part) => part !== '' && part !== '.');
  if (!parts.includes('..')) return parts;
  throw new AppError('InvalidRequest', `${JSON.stringify(file)} is not a path inside a repository`);
}

/** Parameters of a query; those that are `undefined` are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The address of a path below a root that has no slash at its end. */
export function urlOf(root: string, pathname: string, query: Query = {}): URL {
  const url = new URL(root + pathname);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** The address as users wrote it (or the default) without slashes at its end, and with `suffix` where it is not there yet. */
export function rootOf(api: string, suffix = ''): string {
  const root = api.replace(/\/+$/, '');
  return root.endsWith(suffix) ? root : root + suffix;
}
