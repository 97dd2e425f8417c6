// The golden cases on a real API server: it says what is live and what an apply would make of it. UPDATE_GOLDEN=1 records both.
import { ClusterId, gvkOf, isJsonObject, resourceKeyOf, type JsonValue, type KubeObject } from '@wheelwright/kernel';
import { JqPaths } from '@wheelwright/platform-jq';
import {
  addressPolicy,
  collectionPath,
  SpokeClients,
  type ApiResource,
  type SpokeClient,
} from '@wheelwright/platform-kube';
import { eventually, findEnvtest, startEnvtest, type Envtest } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asDesired, FIELD_MANAGER } from '../index.js';
import {
  caseNames,
  compareCase,
  readCase,
  readExpected,
  writeExpected,
  writeSides,
  type Edit,
  type Sides,
} from './cases.fixture.js';

const found = findEnvtest();

/** One API server; each case has a namespace of its own. */
class Stage {
  private constructor(
    private readonly server: Envtest,
    private readonly clients: SpokeClients,
    private readonly client: SpokeClient,
  ) {}

  static async open(): Promise<Stage> {
    const server = await startEnvtest();
    const clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']) });
    const client = clients.get(
      {
        id: ClusterId('c'),
        server: server.url,
        tls: { caData: server.caData },
        credentials: { kind: 'bearerToken', token: server.token },
      },
      '1',
    );
    return new Stage(server, clients, client);
  }

  async close(): Promise<void> {
    await this.clients.close();
    await this.server.stop();
  }

  /** Plays a case and answers both sides of its comparison, as if its namespace were `shop` and nothing had an identity. */
  async play(name: string): Promise<Sides> {
    const scene = readCase(name);
    if (scene === undefined) throw new Error(`${name} has no case.yaml`);
    const namespace = await this.server.createNamespace('case');
    for (const object of scene.setup ?? []) await this.apply(object, namespace);
    const first = await this.served(scene.desired);
    for (const edit of scene.before ?? []) await this.edit(scene.desired, edit, namespace);
    if (scene.adopt !== true) await this.apply(scene.desired, namespace);
    for (const edit of scene.edits ?? []) await this.edit(scene.desired, edit, namespace);
    const live = await this.client.get(first, this.refOf(scene.desired, namespace));
    if (live === undefined) throw new Error(`${name}: the object is not there`);
    const predicted = await this.apply(scene.declared ?? scene.desired, namespace, { dryRun: true });
    return { live: anonymous(live, namespace), predicted: anonymous(predicted, namespace) };
  }

  private refOf(object: KubeObject, namespace: string): { readonly namespace: string; readonly name: string } {
    return { namespace, name: resourceKeyOf(object).name };
  }

  /** A kind that was just defined is served a moment later. */
  private async served(object: KubeObject): Promise<ApiResource> {
    const resource = await eventually(
      () => {
        this.client.invalidate();
        return this.client.resolve(gvkOf(object));
      },
      (answer) => answer !== undefined,
    );
    if (resource === undefined) throw new Error(`${object.kind} is not served`);
    await eventually(
      () =>
        this.client.get(resource, { namespace: 'default', name: 'nothing' }).then(
          () => true,
          () => false,
        ),
      (isServed) => isServed,
    );
    return resource;
  }

  private async apply(object: KubeObject, namespace: string, { dryRun = false } = {}): Promise<KubeObject> {
    const resource = await this.served(object);
    const desired = asDesired(object, resource.namespaced ? namespace : '');
    return this.client.apply(resource, desired, { fieldManager: FIELD_MANAGER, force: true, dryRun });
  }

  private async edit(target: KubeObject, edit: Edit, namespace: string): Promise<void> {
    const resource = await this.served(target);
    if (edit.create !== undefined) {
      await this.client.request({
        verb: 'create',
        method: 'POST',
        path: collectionPath(resource, namespace),
        query: { fieldManager: edit.manager },
        body: edit.create,
      });
      return;
    }
    await this.client.patch(resource, this.refOf(target, namespace), {
      type: edit.type ?? 'merge',
      body: edit.patch ?? {},
      fieldManager: edit.manager,
      ...(edit.subresource === undefined ? {} : { subresource: edit.subresource }),
    });
  }
}

const TIME = '2026-01-01T00:00:00Z';
/** What differs from run to run and says nothing. */
const CONSTANT: Readonly<Record<string, JsonValue>> = {
  uid: '00000000-0000-0000-0000-000000000000',
  resourceVersion: '1',
  creationTimestamp: TIME,
  time: TIME,
  lastTransitionTime: TIME,
  clusterIP: '10.0.0.1',
  clusterIPs: ['10.0.0.1'],
  nodePort: 30_000,
  'batch.kubernetes.io/controller-uid': '00000000-0000-0000-0000-000000000000',
  'controller-uid': '00000000-0000-0000-0000-000000000000',
};

function anonymous(object: KubeObject, namespace: string): KubeObject {
  const cleaned = clean(object, namespace);
  if (!isJsonObject(cleaned)) throw new Error('an object stays an object');
  return cleaned as KubeObject;
}

function clean(value: JsonValue, namespace: string): JsonValue {
  if (typeof value === 'string') return value === namespace ? 'shop' : value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => clean(item, namespace));
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]): [string, JsonValue] => {
    const constant = CONSTANT[name];
    const isText = typeof member === 'string' && member !== 'None';
    const replaces = constant !== undefined && (isText || typeof member === 'number' || isList(member));
    return [name, replaces ? constant : clean(member ?? null, namespace)];
  });
  return Object.fromEntries(members);
}

function isList(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value[0] !== 'None';
}

function played(): void {
  let stage: Stage;
  const jq = new JqPaths();
  beforeAll(async () => {
    stage = await Stage.open();
  }, 120_000);
  afterAll(async () => {
    await jq.close();
    await stage.close();
  });

  it.each(caseNames().filter((name) => readCase(name) !== undefined))('%s', async (name) => {
    const sides = await stage.play(name);
    const result = await compareCase(jq, name, sides);
    if (process.env['UPDATE_GOLDEN'] === '1') {
      writeSides(name, sides);
      writeExpected(name, result);
    }
    expect(result).toEqual(readExpected(name));
  });
}

if (found.folder !== undefined) {
  describe('golden cases of comparison: real kube-apiserver', played);
} else if (process.env['WHEELWRIGHT_REQUIRE_ENVTEST'] === '1') {
  it('has a real kube-apiserver', () => {
    expect.fail(found.reason);
  });
} else {
  describe.skip(`golden cases of comparison: real kube-apiserver (skipped: ${found.reason})`, played);
}
