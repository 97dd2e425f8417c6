// A request for decisions in, the entries of another controller's resources on a spoke out.
import { AppError, isJsonObject, type JsonObject, type JsonValue, type LabelSelector } from '@wheelwright/kernel';
import { collectionPath, type ResourcePath } from '@wheelwright/platform-kube';
import type { DecisionsAnswer, DecisionsRequest } from '../../facts.js';
import type { DecisionSpoke, GathererParts } from './parts.js';
import { InputTexts } from './scm-credentials.js';

const DEFAULT_LIST_KEY = 'clusters';
const DEADLINE_MS = 30_000;
const PAGE = 500;
const MAX_PAGES = 100;
const MAX_ENTRIES = 50_000;

/** What the ConfigMap of a generator says. */
interface DecisionKind {
  readonly resource: ResourcePath;
  readonly listKey: string;
  readonly matchKey: string;
  readonly cluster: string;
}

/**
 * Reads the resources in the namespace of the set, and their entries in order of name. Throws ExpandFailed where the ConfigMap cannot be used,
 * no resource is there, or one has no decision yet: that is not an empty one.
 */
export async function decisionFacts(parts: GathererParts, request: DecisionsRequest): Promise<DecisionsAnswer> {
  const kind = await kindOf(parts, request);
  const spoke = await spokeOf(parts, kind.cluster);
  const found = await resourcesOf(spoke, kind, request);
  if (found.length === 0) {
    const asked = request.generator.name ?? 'the labelSelector';
    throw failed(
      `no clusterDecisionResources found: ${kind.resource.plural}.${kind.resource.group} in the namespace ${request.namespace} of the cluster ${kind.cluster} has none for ${asked}`,
    );
  }
  const entries = [...found]
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .flatMap((resource) => entriesOf(resource, kind.listKey));
  if (entries.length > MAX_ENTRIES) throw failed(`the decisions hold more than ${String(MAX_ENTRIES)} entries`);
  return { matchKey: kind.matchKey, entries, clusters: [] };
}

async function kindOf({ inputs, settings }: GathererParts, request: DecisionsRequest): Promise<DecisionKind> {
  const { configMapRef } = request.generator;
  const data = await new InputTexts(inputs, request.namespace).all('ConfigMap', configMapRef);
  const where = `The ConfigMap ${configMapRef} in the namespace ${request.namespace}`;
  const [group = '', version = '', ...more] = (data['apiVersion'] ?? '').split('/');
  if (group === '' || version === '' || more.length > 0)
    throw failed(`${where} has no apiVersion with a group, such as cluster.open-cluster-management.io/v1beta1`);
  const plural = data['kind'] ?? '';
  if (plural === '') throw failed(`${where} has no kind: it is the plural name of the resource, in lower case`);
  const matchKey = data['matchKey'] ?? '';
  if (matchKey === '') throw failed(`${where} has no matchKey: it is the key of an entry that names a cluster`);
  const cluster = data['cluster'] || settings.decisionCluster;
  if (cluster === '') {
    throw failed(
      `it is not known which cluster holds the decisions: give the key cluster in the ConfigMap ${configMapRef}, or the setting WHEELWRIGHT_DECISION_CLUSTER`,
    );
  }
  const resource = { group, version, plural, namespaced: true };
  return { resource, matchKey, cluster, listKey: data['statusListKey'] || DEFAULT_LIST_KEY };
}

async function spokeOf({ spokeNamed }: GathererParts, name: string): Promise<DecisionSpoke> {
  try {
    return await spokeNamed(name);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'NotFound') throw error;
    throw failed(`the cluster ${name}, which should hold the decisions, is not registered`);
  }
}

async function resourcesOf(
  spoke: DecisionSpoke,
  { resource }: DecisionKind,
  { namespace, generator }: DecisionsRequest,
): Promise<readonly JsonObject[]> {
  const { name } = generator;
  if (name !== undefined) {
    const one = await spoke.get(resource, { namespace, name }, { deadlineMs: DEADLINE_MS });
    return one === undefined ? [] : [one];
  }
  const items: JsonObject[] = [];
  const labelSelector = selectorText(generator.labelSelector ?? {});
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { body } = await spoke.request({
      verb: 'list',
      method: 'GET',
      path: collectionPath(resource, namespace),
      query: { limit: String(PAGE), continue: next, ...(labelSelector === '' ? {} : { labelSelector }) },
      deadlineMs: DEADLINE_MS,
    });
    items.push(...listOf(body['items']).filter(isJsonObject));
    const token = isJsonObject(body['metadata']) ? body['metadata']['continue'] : undefined;
    if (typeof token !== 'string' || token === '') return items;
    next = token;
  }
  throw failed(`there are more than ${String(MAX_PAGES * PAGE)} decisions: select fewer`);
}

/** A selector as the query of a list takes it. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const pairs = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    switch (operator) {
      case 'In':
        return `${key} in (${values.join(',')})`;
      case 'NotIn':
        return `${key} notin (${values.join(',')})`;
      case 'Exists':
        return key;
      case 'DoesNotExist':
        return `!${key}`;
    }
  });
  return [...pairs.sort(), ...expressions].join(',');
}

/** The list of a resource's status. A resource without one was not decided yet, and what it will hold is not known. */
function entriesOf(resource: JsonObject, listKey: string): readonly JsonObject[] {
  const { status } = resource;
  const list = isJsonObject(status) ? status[listKey] : undefined;
  if (!Array.isArray(list)) throw failed(`the decision ${nameOf(resource)} has no list under status.${listKey} yet`);
  return list.map((entry: unknown, index) => {
    if (isJsonObject(entry)) return entry;
    throw failed(`the decision ${nameOf(resource)} holds no object at status.${listKey}[${String(index)}]`);
  });
}

function nameOf({ metadata }: JsonObject): string {
  const name = isJsonObject(metadata) ? metadata['name'] : undefined;
  return typeof name === 'string' ? name : '';
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

function failed(message: string): AppError {
  return new AppError('ExpandFailed', message);
}
