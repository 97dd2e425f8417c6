// The control endpoint: what a test does to a simulator in its own process by calls, done over HTTP to one in another process.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KubeObject } from '@wheelwright/kernel';
import { ApiError } from './api-error.js';
import type { ObjectRef, SimulatedSpoke } from './cluster.js';
import type { FaultSettings } from './faults.js';
import { isMap, removeKey, textAt, type Json, type JsonMap } from './json.js';
import { mergePatch } from './patch.js';

/** What the control endpoint works on. */
export interface ControlContext {
  readonly sim: {
    addCluster(name: string): SimulatedSpoke;
    cluster(name: string): SimulatedSpoke | undefined;
    clusters(): readonly SimulatedSpoke[];
    cutWatches(spoke: SimulatedSpoke): void;
  };
  readonly controlToken: string | undefined;
}

/** How the control endpoint and the start message describe a spoke. */
export interface SpokeView {
  readonly name: string;
  readonly url: string;
  readonly token: string;
}

export const viewOf = (spoke: SimulatedSpoke): SpokeView => ({ name: spoke.name, url: spoke.url, token: spoke.token });

/** Answers one request below `/__sim/`. Closed (404) where the simulator has no control token. */
export async function handleControl(
  context: ControlContext,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (context.controlToken === undefined) throw new ControlError(404, 'the control endpoint is closed');
    if (!sameText(message.headers.authorization ?? '', `Bearer ${context.controlToken}`))
      throw new ControlError(401, 'wrong control token');
    const body = await readJson(message);
    const path = new URL(message.url ?? '/', 'http://spoke.invalid').pathname.split('/').slice(2);
    const answer = control(
      context,
      `${message.method ?? 'GET'} ${path[0] ?? ''}${path.length > 2 ? `/${path[2] ?? ''}` : ''}`,
      { name: path[1], body },
    );
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  } catch (error) {
    const code = error instanceof ControlError ? error.code : error instanceof ApiError ? error.code : 500;
    const text = error instanceof Error ? error.message : String(error);
    if (!response.headersSent) response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: text }));
  }
}

class ControlError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

async function readJson(message: IncomingMessage): Promise<JsonMap> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  const text = Buffer.concat(chunks).toString('utf8');
  const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
  if (!isMap(value)) throw new ControlError(400, 'the body must be a JSON object');
  return value;
}

interface Command {
  readonly name: string | undefined;
  readonly body: JsonMap;
}

function control(context: ControlContext, command: string, { name, body }: Command): unknown {
  switch (command) {
    case 'GET clusters':
      return name === undefined ? context.sim.clusters().map((spoke) => viewOf(spoke)) : viewOf(need(context, name));
    case 'POST clusters':
      return viewOf(context.sim.addCluster(textAt(body, 'name')));
    case 'GET clusters/counts':
      return need(context, name).counts();
    case 'DELETE clusters/counts':
      need(context, name).resetCounts();
      return {};
    case 'GET clusters/writes':
      return need(context, name).writes();
    case 'PUT clusters/faults':
      need(context, name).faults.set(faultsOf(body));
      return {};
    case 'GET clusters/faults':
      return { ...need(context, name).faults.get(), held: need(context, name).faults.held() };
    case 'POST clusters/get':
      return need(context, name).get(refOf(body)) ?? missing();
    case 'POST clusters/create':
      return need(context, name).create(objectOf(body));
    case 'POST clusters/edit':
      return need(context, name).edit(refOf(body), (object) => merge(object, body.merge ?? {}), editOptions(body));
    case 'POST clusters/remove':
      return { removed: need(context, name).remove(refOf(body)) };
    case 'POST clusters/cut-watches':
      context.sim.cutWatches(need(context, name));
      return {};
    case 'POST clusters/forget-history':
      need(context, name).forgetHistory();
      return {};
    default:
      throw new ControlError(404, `no such control command: ${command}`);
  }
}

function missing(): never {
  throw new ControlError(404, 'no such object');
}

function need(context: ControlContext, name: string | undefined): SimulatedSpoke {
  const spoke = context.sim.cluster(name ?? '');
  if (spoke === undefined) throw new ControlError(404, `no such spoke: ${name ?? ''}`);
  return spoke;
}

function refOf(body: JsonMap): ObjectRef {
  const namespace = textAt(body, 'namespace');
  const ref = { apiVersion: textAt(body, 'apiVersion'), kind: textAt(body, 'kind'), name: textAt(body, 'name') };
  return namespace === '' ? ref : { ...ref, namespace };
}

function objectOf(body: JsonMap): KubeObject {
  const { apiVersion, kind, metadata } = body;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isMap(metadata))
    throw new ControlError(400, 'not a Kubernetes object');
  return { ...body, apiVersion, kind, metadata };
}

function merge(object: JsonMap, patch: Json): void {
  const next = mergePatch(object, patch);
  for (const key of Object.keys(object)) removeKey(object, key);
  Object.assign(object, next);
}

function editOptions(body: JsonMap): { manager?: string; subresource?: string } {
  const [manager, subresource] = [textAt(body, 'manager'), textAt(body, 'subresource')];
  return { ...(manager === '' ? {} : { manager }), ...(subresource === '' ? {} : { subresource }) };
}

/** Faults come from a test of ours; a wrong field is a mistake in it, said at once. */
function faultsOf(body: JsonMap): FaultSettings {
  const known = new Set(['latencyMs', 'throttle', 'unauthorized', 'forbiddenVerbs', 'drop', 'down', 'hold', 'fail']);
  const unknown = Object.keys(body).find((key) => !known.has(key));
  if (unknown !== undefined) throw new ControlError(400, `no such fault: ${unknown}`);
  return body;
}
