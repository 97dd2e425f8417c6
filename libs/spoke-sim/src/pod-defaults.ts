// A pod template in, the same with the fields that a real server fills in. Changes its input, which is the caller's own copy.
import { isMap, mapAt, mapsAt, textAt, type Json, type JsonMap } from './json.js';
import { canonicalAmounts, canonicalQuantity } from './quantity.js';

/** Sets a field where it is missing. */
export function setDefault(map: JsonMap, key: string, value: Json): void {
  if (map[key] === undefined || map[key] === null) map[key] = value;
}

/** Defaults of a PodSpec. */
export function defaultPodSpec(spec: JsonMap): void {
  setDefault(spec, 'restartPolicy', 'Always');
  setDefault(spec, 'terminationGracePeriodSeconds', 30);
  setDefault(spec, 'dnsPolicy', 'ClusterFirst');
  setDefault(spec, 'securityContext', {});
  setDefault(spec, 'schedulerName', 'default-scheduler');
  // The old name of the field is kept in step with the new one.
  if (textAt(spec, 'serviceAccountName') !== '') spec.serviceAccount = spec.serviceAccountName;
  for (const container of [...mapsAt(spec, 'containers'), ...mapsAt(spec, 'initContainers')])
    defaultContainer(container);
  for (const volume of mapsAt(spec, 'volumes')) defaultVolume(volume);
}

function defaultContainer(container: JsonMap): void {
  setDefault(container, 'resources', {});
  defaultResources(mapAt(container, 'resources'));
  setDefault(container, 'terminationMessagePath', '/dev/termination-log');
  setDefault(container, 'terminationMessagePolicy', 'File');
  setDefault(container, 'imagePullPolicy', pullPolicyOf(textAt(container, 'image')));
  for (const port of mapsAt(container, 'ports')) setDefault(port, 'protocol', 'TCP');
  for (const variable of mapsAt(container, 'env')) {
    const fieldRef = mapAt(variable, 'valueFrom').fieldRef;
    if (isMap(fieldRef)) setDefault(fieldRef, 'apiVersion', 'v1');
    if (variable.value === '') delete variable.value;
  }
  for (const hook of ['postStart', 'preStop']) defaultHttpGet(mapAt(mapAt(container, 'lifecycle'), hook));
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = container[name];
    if (isMap(probe)) defaultProbe(probe);
  }
}

function defaultProbe(probe: JsonMap): void {
  setDefault(probe, 'timeoutSeconds', 1);
  setDefault(probe, 'periodSeconds', 10);
  setDefault(probe, 'successThreshold', 1);
  setDefault(probe, 'failureThreshold', 3);
  defaultHttpGet(probe);
}

function defaultHttpGet(action: JsonMap): void {
  const http = action.httpGet;
  if (!isMap(http)) return;
  setDefault(http, 'path', '/');
  setDefault(http, 'scheme', 'HTTP');
}

/** `Always` for images without a tag or with `latest`. */
function pullPolicyOf(image: string): string {
  const afterPath = image.slice(image.lastIndexOf('/') + 1);
  if (afterPath.includes('@')) return 'IfNotPresent';
  const tag = afterPath.split(':')[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

/** Puts quantities in their stored form. */
export function defaultResources(resources: JsonMap): void {
  for (const part of ['limits', 'requests']) canonicalAmounts(resources, part);
}

function defaultVolume(volume: JsonMap): void {
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  if (sources.length === 0) volume.emptyDir = {};
  for (const source of ['configMap', 'secret', 'projected', 'downwardAPI']) {
    const value = volume[source];
    if (isMap(value)) setDefault(value, 'defaultMode', 420);
  }
  const scratch = mapAt(volume, 'emptyDir');
  if (scratch.sizeLimit !== undefined) scratch.sizeLimit = canonicalQuantity(scratch.sizeLimit);
  for (const source of mapsAt(mapAt(volume, 'projected'), 'sources')) {
    const token = source.serviceAccountToken;
    if (isMap(token)) setDefault(token, 'expirationSeconds', 3600);
  }
  const hostPath = volume.hostPath;
  if (isMap(hostPath)) setDefault(hostPath, 'type', '');
}
