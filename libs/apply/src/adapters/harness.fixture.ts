// What the specs of this room drive a spoke with: one Application, observed, planned, applied and remembered as a worker does it.
import {
  formatResourceKey,
  MANAGED_BY_LABEL,
  TRACKING_ANNOTATION,
  type KubeObject,
  type ResourceKey,
} from '@wheelwright/kernel';
import { fingerprintOfObject, type Observed } from '@wheelwright/observe';
import {
  aimObjects,
  FIELD_MANAGER,
  parseSyncOptions,
  plan,
  questionsOf,
  type Answer,
  type KnownObject,
  type Plan,
  type PlanInput,
  type Question,
} from '@wheelwright/plan';
import type { SpokeClient } from '@wheelwright/platform-kube';
import { expect } from 'vitest';
import { inventoryAfter, type ChangeSet } from '../index.js';
import { applyPlan } from './apply-plan.js';

export const KINDS = [
  { group: '', version: 'v1', kind: 'Namespace' },
  { group: '', version: 'v1', kind: 'ConfigMap' },
  { group: '', version: 'v1', kind: 'Secret' },
  { group: 'apps', version: 'v1', kind: 'Deployment' },
] as const;

/** `gatherAnswers` of the plan room's adapters, handed in by the spec: a room may not import another room's adapters. */
type Gather = (client: SpokeClient, questions: readonly Question[]) => Promise<ReadonlyMap<string, Answer>>;

/** One Application on one spoke, as a worker drives it: observe, ask, plan, apply, remember. */
export class Harness {
  known: readonly KnownObject[] = [];

  readonly namespace: string;
  private readonly installationId: string;
  private readonly gather: Gather;

  constructor(
    readonly client: SpokeClient,
    options: { readonly installationId: string; readonly namespace: string; readonly gather: Gather },
  ) {
    this.installationId = options.installationId;
    this.namespace = options.namespace;
    this.gather = options.gather;
  }

  async observed(): Promise<ReadonlyMap<string, Observed>> {
    const lists = await Promise.all(KINDS.map((gvk) => this.list(gvk)));
    return new Map(lists.flat().map((object) => [formatResourceKey(object.key), object]));
  }

  private async list({ group, version, kind }: (typeof KINDS)[number]): Promise<readonly Observed[]> {
    const resource = await this.client.resolve({ group, version, kind });
    if (resource === undefined) throw new Error(`the spoke serves no ${kind}`);
    const { items } = await this.client.listMetadata(resource, {
      labelSelector: `${MANAGED_BY_LABEL}=${this.installationId}`,
    });
    return items.map((meta) => {
      const key: ResourceKey = { group, kind, namespace: meta.namespace ?? '', name: meta.name };
      return {
        key,
        uid: meta.uid,
        resourceVersion: meta.resourceVersion,
        fingerprint: fingerprintOfObject(key, meta),
        trackingId: meta.annotations?.[TRACKING_ANNOTATION] ?? '',
        deleting: meta.deletionTimestamp !== undefined,
      };
    });
  }

  async input(objects: readonly KubeObject[], syncOptions: readonly string[] = []): Promise<PlanInput> {
    const options = parseSyncOptions(syncOptions).options;
    const discovery = await this.client.discovery();
    const { targets, problems } = aimObjects(objects, {
      applicationName: 'web',
      destinationNamespace: this.namespace,
      installationId: this.installationId,
      scopeOf: (group, kind) => {
        const resource = discovery.find(group, kind);
        return resource === undefined ? undefined : resource.namespaced ? 'Namespaced' : 'Cluster';
      },
      syncOptions: options,
    });
    expect(problems).toEqual([]);
    return { application: 'web', targets, known: this.known, observed: await this.observed(), options };
  }

  async plan(objects: readonly KubeObject[], syncOptions?: readonly string[]): Promise<Plan> {
    const input = await this.input(objects, syncOptions);
    return plan(input, await this.gather(this.client, questionsOf(input)));
  }

  async sync(objects: readonly KubeObject[], syncOptions?: readonly string[]): Promise<ChangeSet> {
    const made = await this.plan(objects, syncOptions);
    const changeSet = await applyPlan(this.client, made, { fieldManager: FIELD_MANAGER });
    this.known = inventoryAfter(this.known, made, changeSet);
    return changeSet;
  }

  /** Writes by hand: another manager takes what it wants. */
  async byHand(object: KubeObject): Promise<KubeObject> {
    const { kind } = object;
    const slash = object.apiVersion.indexOf('/');
    const gvk = {
      group: object.apiVersion.slice(0, Math.max(0, slash)),
      version: object.apiVersion.slice(slash + 1),
      kind,
    };
    const resource = await this.client.resolve(gvk);
    if (resource === undefined) throw new Error(`the spoke serves no ${kind}`);
    return this.client.apply(resource, object, { fieldManager: 'by-hand', force: true });
  }

  async get(kind: string, name: string): Promise<KubeObject | undefined> {
    const gvk = KINDS.find((one) => one.kind === kind);
    const resource = gvk === undefined ? undefined : await this.client.resolve(gvk);
    if (resource === undefined) throw new Error(`no kind ${kind}`);
    return this.client.get(resource, { namespace: this.namespace, name });
  }
}

export function configMap(
  name: string,
  data: Record<string, string>,
  meta: Partial<KubeObject['metadata']> = {},
): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...meta }, data };
}

export function deployment(name: string, replicas: number): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'registry.example/web:1' }] } },
    },
  };
}

export const shown = ({ changes }: ChangeSet): readonly string[] =>
  changes.map(({ key, action }) => `${key.kind} ${key.name} ${action}`);
