// An object in, nothing or 422 out: the few rules of a real server that a hub meets in practice.
import { badRequest, invalid, type Cause, type Subject } from './api-error.js';
import { equal, isMap, mapAt, mapsAt, textAt, type Json, type JsonMap, type SimObject } from './json.js';
import type { Kind } from './kinds.js';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_RULE =
  `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an ` +
  `alphanumeric character (e.g. 'example.com', regex used for validation is ` +
  `'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`;
const PATH_NAMES = new Set(['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']);
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

const required = (field: string, why = ''): Cause => ({
  reason: 'FieldValueRequired',
  message: why === '' ? 'Required value' : `Required value: ${why}`,
  field,
});
const wrong = (field: string, value: Json, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
});

/** How a 422 names an object: by kind, not by resource. */
export const kindSubject = (kind: Kind, name: string): Subject => ({ group: kind.group, resource: kind.kind, name });

/** Throws 400 where an object is not of the kind that its URL says, or not in its namespace. */
export function checkIdentity(kind: Kind, object: SimObject, namespace: string): void {
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  if (object.kind !== kind.kind || object.apiVersion !== apiVersion) {
    throw badRequest(
      `${object.kind} in version "${object.apiVersion}" cannot be handled as a ${kind.kind}: it does not belong to this URL`,
    );
  }
  const said = object.metadata.namespace ?? '';
  if (kind.namespaced && said !== '' && said !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** Throws 422 where an object cannot be stored. `live` is what it would replace. */
export function validateObject(kind: Kind, object: SimObject, live: SimObject | undefined): void {
  const causes = [...metadataFaults(kind, object)];
  if (kind.builtIn) causes.push(...(WORKLOADS.has(kind.kind) ? workloadFaults(object, live) : []));
  if (live !== undefined) causes.push(...immutableFaults(kind, object, live));
  if (causes.length > 0) throw invalid(kindSubject(kind, object.metadata.name ?? ''), causes);
}

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);

function* metadataFaults(kind: Kind, object: SimObject): Iterable<Cause> {
  const name = object.metadata.name ?? '';
  if (name === '') yield required('metadata.name', 'name or generateName is required');
  else if (!PATH_NAMES.has(kind.kind) && !SUBDOMAIN.test(name)) yield wrong('metadata.name', name, SUBDOMAIN_RULE);
  for (const [, value] of Object.entries(object.metadata.labels ?? {})) {
    if (typeof value !== 'string' || !LABEL_VALUE.test(value)) {
      yield wrong(
        'metadata.labels',
        value,
        'a valid label must be an empty string or consist of alphanumeric characters',
      );
    }
  }
}

function* workloadFaults(object: SimObject, live: SimObject | undefined): Iterable<Cause> {
  const spec = mapAt(object, 'spec');
  const template = mapAt(spec, 'template');
  if (!isMap(spec.selector)) yield required('spec.selector');
  else {
    const labels = mapAt(mapAt(template, 'metadata'), 'labels');
    const wanted = mapAt(spec.selector, 'matchLabels');
    if (Object.keys(wanted).some((key) => labels[key] !== wanted[key])) {
      yield wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
    }
  }
  yield* containerFaults(mapAt(template, 'spec'));
  if (live !== undefined && !equal(mapAt(live, 'spec').selector, spec.selector)) {
    yield wrong('spec.selector', spec.selector ?? null, 'field is immutable');
  }
}

function* containerFaults(podSpec: JsonMap): Iterable<Cause> {
  const containers = mapsAt(podSpec, 'containers');
  if (containers.length === 0) yield required('spec.template.spec.containers');
  for (const [at, container] of containers.entries()) {
    const field = `spec.template.spec.containers[${String(at)}]`;
    if (textAt(container, 'name') === '') yield required(`${field}.name`);
    if (textAt(container, 'image') === '') yield required(`${field}.image`);
  }
}

function* immutableFaults(kind: Kind, object: SimObject, live: SimObject): Iterable<Cause> {
  const [before, after] = [mapAt(live, 'spec'), mapAt(object, 'spec')];
  if (kind.kind === 'Job' && kind.group === 'batch') {
    for (const field of ['template', 'selector', 'completions']) {
      if (!equal(before[field], after[field])) yield wrong(`spec.${field}`, after[field] ?? null, 'field is immutable');
    }
  }
  if (
    kind.kind === 'Service' &&
    textAt(before, 'clusterIP') !== textAt(after, 'clusterIP') &&
    before.type === after.type
  ) {
    yield wrong('spec.clusterIPs[0]', after.clusterIPs ?? null, 'may not change once set');
  }
  if ((kind.kind === 'ConfigMap' || kind.kind === 'Secret') && live.immutable === true) {
    if (!equal(live.data, object.data))
      yield {
        reason: 'FieldValueForbidden',
        message: 'Forbidden: field is immutable when `immutable` is set',
        field: 'data',
      };
  }
  if (kind.kind.endsWith('RoleBinding') && !equal(live.roleRef, object.roleRef)) {
    yield wrong('roleRef', object.roleRef ?? null, 'cannot change roleRef');
  }
}
