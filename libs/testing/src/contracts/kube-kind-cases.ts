// Every built-in kind that users deploy: what a server stores of an applied manifest (defaults, canonical forms, owners, generation), case by case
// in `fixtures/kube-kinds/<case>/`. `UPDATE_GOLDEN=real` rewrites the expectations; only the real server may be asked to.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isJsonObject, type JsonObject } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.js';
import type { ContractClient } from './kube-api.js';
import { textAt, versionOf, type KubeAnswer } from './kube-client.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/kube-kinds/', import.meta.url));
const CLUSTER_WIDE = new Set([
  'namespaces',
  'clusterroles',
  'clusterrolebindings',
  'storageclasses',
  'priorityclasses',
  'ingressclasses',
  'customresourcedefinitions',
  'validatingwebhookconfigurations',
]);

/** The stored object without what differs from run to run. */
function settled(answer: KubeAnswer, namespace: string): JsonObject {
  const uid = textAt(answer.body, 'metadata', 'uid');
  const text = JSON.stringify(answer.body)
    .replace(new RegExp(`,?"resourceVersion":"${versionOf(answer.body)}"`), '')
    .replaceAll(uid, '<uid>')
    .replaceAll(namespace, '<namespace>')
    .replaceAll(/"10\.\d+\.\d+\.\d+"/g, '"<address>"')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>');
  const object: unknown = JSON.parse(text);
  return isJsonObject(object) ? object : {};
}

/** Cases for all fixtures. `mayRecord`: this server is the real one. */
export function kindCases(client: ContractClient, mayRecord: boolean): void {
  describe('kinds', () => {
    for (const name of readdirSync(FIXTURES)) {
      it(`stores ${name.replaceAll('-', ' ')} as expected, once`, async () => {
        const applied = readFileSync(`${FIXTURES}${name}/applied.yaml`, 'utf8');
        // The first line of a manifest says where it is served.
        const [, groupVersion = '', plural = ''] = /^# (\S+) (\S+)/.exec(applied) ?? [];
        const object = /name: "?([\w:.-]+)"?/.exec(applied)?.[1] ?? '';
        const namespace = await client().namespace();
        const root = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
        const place = CLUSTER_WIDE.has(plural) ? '' : `/namespaces/${namespace}`;
        const path = `${root}${place}/${plural}/${encodeURIComponent(object)}`;
        const created = await client().apply(path, applied);
        expect(created.status, JSON.stringify(created.body)).toBe(201);
        // A real server may write once more (its controllers, empty fields that it drops late), and then never again.
        let last = created;
        await eventually(
          async () => {
            const previous = versionOf(last.body);
            last = await client().apply(path, applied);
            return versionOf(last.body) === previous;
          },
          (unchanged) => unchanged,
        );
        const golden = `${FIXTURES}${name}/stored.json`;
        const stored = settled(created, namespace);
        if (process.env.UPDATE_GOLDEN === 'real' && mayRecord)
          writeFileSync(golden, `${JSON.stringify(stored, null, 2)}\n`);
        expect(existsSync(golden)).toBe(true);
        expect(stored).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
      });
    }
  });
}
