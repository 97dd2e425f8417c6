// The workload of the sync experiment, made from a seed: one directory for each Application, of ConfigMaps only, because no controller runs beside the
// API server that would make anything else healthy.
import type { SyncFlags } from './flags.js';
import { randomFrom } from './workload.js';

/** Directory, namespace and Application of one number. */
export const syncName = (at: number): string => `app-${String(at).padStart(4, '0')}`;
/** The one large Application. */
export const LARGE = 'large';

const configMap = (name: string, text: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
data:
  text: '${text}'
`;

/** The objects of one directory, by file. */
function directory(name: string, objects: number, random: () => number): readonly (readonly [string, string])[] {
  return Array.from({ length: objects }, (_, at) => [
    `apps/${name}/object-${String(at).padStart(4, '0')}.yaml`,
    configMap(`object-${String(at).padStart(4, '0')}`, String(Math.floor(random() * 1e12))),
  ]);
}

/** Everything but the large Application. */
export function syncFiles({ apps, objects, seed }: SyncFlags): ReadonlyMap<string, string> {
  const random = randomFrom(seed);
  return new Map(Array.from({ length: apps }, (_, at) => directory(syncName(at + 1), objects, random)).flat());
}

/** The directory of the large Application. */
export function largeFiles({ large, seed }: SyncFlags): ReadonlyMap<string, string> {
  return new Map(directory(LARGE, large, randomFrom(seed + 1)));
}

/** A change of the first object of each of these directories. */
export function changedFiles(names: readonly string[], text: string): ReadonlyMap<string, string> {
  return new Map(
    names.map((name): [string, string] => [`apps/${name}/object-0000.yaml`, configMap('object-0000', text)]),
  );
}

/** The files of the last object of each of these directories: what a prune takes away. */
export function lastFiles(names: readonly string[], objects: number): readonly string[] {
  return names.map((name) => `apps/${name}/object-${String(objects - 1).padStart(4, '0')}.yaml`);
}

/** One set with an Application for each directory. */
export const syncSet = (repoURL: string): string => `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: sync
spec:
  generators:
    - git: { repoURL: '${repoURL}', revision: main, directories: [{ path: apps/* }] }
  template:
    metadata:
      name: '{{path.basename}}'
    spec:
      project: default
      source: { repoURL: '${repoURL}', path: '{{path}}', targetRevision: main }
      destination: { name: real, namespace: '{{path.basename}}' }
      syncPolicy:
        automated: { prune: true, selfHeal: true }
        syncOptions: [CreateNamespace=true]
`;
