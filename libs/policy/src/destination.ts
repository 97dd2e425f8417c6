// A project and a destination in, whether the project permits it out (`compatibility.md` 2.9).
import type { AppProject, ProjectDestination } from '@wheelwright/intent';
import { matchesSelector } from '@wheelwright/kernel';
import { compilePattern, type Compiled } from './patterns.js';
import type { Violation } from './types.js';

/** A spoke and a namespace on it. */
export interface DestinationPlace {
  readonly name: string;
  readonly server: string;
  readonly namespace: string;
  /** Labels of the spoke. */
  readonly labels: Readonly<Record<string, string>>;
}

type Field = 'name' | 'server' | 'namespace';

/** One item of `destinations`, matched against a place. */
interface MatchedItem {
  readonly hits: Readonly<Record<Field, boolean>>;
  readonly denies: Readonly<Record<Field, boolean>>;
  /** Whether the spoke is one of the item: by its selector, address and name, whatever they deny. */
  readonly isSpoke: boolean;
  /** Whether the item has a say at all: one whose selector does not hold has none. */
  readonly applies: boolean;
}

/**
 * Checks a destination: some item without `!` allows its spoke (by server or by name) and its namespace, and no item denies it. An item with a
 * `!` allows nothing by itself. `!name` denies the spoke at once, `!server` where the item's namespace matches, `!namespace` where its spoke does.
 * Our own addition: an item with a `clusterSelector` speaks only of spokes whose labels satisfy it. With the selector, server and name may both be
 * absent, and those that are given must all match; without it, one of them must.
 */
export function permitsDestination(project: AppProject, place: DestinationPlace): readonly Violation[] {
  const where = `the namespace "${place.namespace}" of the cluster ${place.name}`;
  const problems: string[] = [];
  const items = (project.spec.destinations ?? []).map((item) => match(item, place, problems));
  if (problems.length > 0) return problems.map((message) => violation(project, message));
  if (items.some(isDenied)) return [violation(project, `${where} is denied`)];
  if (items.some(isAllowed)) return [];
  return [violation(project, `${where} is not permitted: add it to destinations`)];
}

/** With `permitOnlyProjectScopedClusters`, only clusters that are registered for this very project. */
export function permitsCluster(
  project: AppProject,
  cluster: { readonly name: string; readonly project: string },
): readonly Violation[] {
  if (project.spec.permitOnlyProjectScopedClusters !== true || cluster.project === project.metadata.name) return [];
  return [
    violation(
      project,
      `the cluster ${cluster.name} is not registered for this project, and permitOnlyProjectScopedClusters is set`,
    ),
  ];
}

function violation(project: AppProject, message: string): Violation {
  return { rule: 'destinations', message: `project ${project.metadata.name}: ${message}` };
}

function match(item: ProjectDestination, place: DestinationPlace, problems: string[]): MatchedItem {
  const of = (field: Field): { readonly hit: boolean; readonly denies: boolean } => {
    const text = item[field];
    if (text === undefined || text === '')
      return { hit: field === 'namespace' && place.namespace === '', denies: false };
    const compiled: Compiled = compilePattern(text);
    if ('problem' in compiled) {
      problems.push(compiled.problem);
      return { hit: false, denies: false };
    }
    return { hit: compiled.pattern.matches(place[field]), denies: compiled.pattern.denies };
  };
  const [name, server, namespace] = [of('name'), of('server'), of('namespace')];
  const { clusterSelector } = item;
  const isAbsentOr = (text: string | undefined, { hit, denies }: ReturnType<typeof of>): boolean =>
    text === undefined || text === '' || (hit && !denies);
  const byEither = (server.hit && !server.denies) || (name.hit && !name.denies);
  const byAll = isAbsentOr(item.name, name) && isAbsentOr(item.server, server);
  return {
    hits: { name: name.hit, server: server.hit, namespace: namespace.hit },
    denies: { name: name.denies, server: server.denies, namespace: namespace.denies },
    isSpoke: clusterSelector === undefined ? byEither : byAll,
    applies: clusterSelector === undefined || matchesSelector(clusterSelector, place.labels),
  };
}

function isDenied({ hits, denies, isSpoke, applies }: MatchedItem): boolean {
  if (!applies) return false;
  if (denies.name && hits.name) return true;
  if (denies.server && hits.server && (hits.namespace || denies.namespace)) return true;
  return denies.namespace && hits.namespace && isSpoke;
}

function isAllowed({ hits, denies, isSpoke, applies }: MatchedItem): boolean {
  const isDenying = denies.name || denies.server || denies.namespace;
  return applies && !isDenying && isSpoke && hits.namespace;
}
