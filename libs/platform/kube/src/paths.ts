// Where things are under an API server's address.
import { AppError } from '@wheelwright/kernel';
import type { ObjectRef, ResourcePath } from './types.js';

/** Path of a resource's collection: in one namespace, or in all where `namespace` is absent. */
export function collectionPath(resource: ResourcePath, namespace?: string): string {
  const root =
    resource.group === ''
      ? `/api/${segment(resource.version)}`
      : `/apis/${segment(resource.group)}/${segment(resource.version)}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${segment(namespace)}` : '';
  return `${root}${scope}/${segment(resource.plural)}`;
}

/** Path of one object, with its parts encoded. Fails with `InvalidDocument` on a name that could point elsewhere (`..`, `/`, empty). */
export function resourcePath(resource: ResourcePath, ref: ObjectRef, subresource?: string): string {
  const object = `${collectionPath(resource, ref.namespace)}/${segment(ref.name)}`;
  return subresource === undefined ? object : `${object}/${segment(subresource)}`;
}

/** The path with its query; parameters that are `undefined` are left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | undefined>> | undefined): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) search.set(key, value);
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** One path segment. Kubernetes refuses the same names (its path segment rule), because a proxy in between may resolve them. */
function segment(text: string): string {
  if (text === '' || text === '.' || text === '..' || /[/%?#\u0000-\u001f\u007f]/.test(text)) {
    throw new AppError('InvalidDocument', `${JSON.stringify(text)} cannot be part of the path of an object`);
  }
  return encodeURIComponent(text);
}
