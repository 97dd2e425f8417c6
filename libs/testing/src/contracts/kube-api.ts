// What a Kubernetes API server does, as far as the hub depends on it: one suite, run on the simulated one and on the real one.
import { afterAll, beforeAll, describe } from 'vitest';
import { applyCases } from './kube-apply-cases.js';
import { KubeTestClient, type KubeApiUnderTest } from './kube-client.js';
import { crdCases, discoveryCases } from './kube-discovery-cases.js';
import { errorCases, objectCases } from './kube-object-cases.js';
import { deleteCases } from './kube-delete-cases.js';
import { kindCases } from './kube-kind-cases.js';
import { listCases } from './kube-list-cases.js';
import { watchCases } from './kube-watch-cases.js';

export type { KubeApiUnderTest } from './kube-client.js';

/** The client of the server under test; call it inside a test only. */
export type ContractClient = () => KubeTestClient;

/** Declares the suite for one server. `make` starts it once for the whole suite; `real` lets it record golden files. */
export function kubeApiContract(
  name: string,
  make: () => Promise<KubeApiUnderTest>,
  options: { readonly real?: boolean } = {},
): void {
  describe(`Kubernetes API: ${name}`, () => {
    let running: KubeTestClient | undefined;
    const client: ContractClient = () => {
      if (running === undefined) throw new Error('the server is not running');
      return running;
    };
    beforeAll(async () => {
      running = new KubeTestClient(await make());
    }, 120_000);
    afterAll(async () => {
      await running?.close();
      await running?.server.stop();
    });
    discoveryCases(client);
    objectCases(client);
    applyCases(client);
    listCases(client);
    watchCases(client);
    deleteCases(client);
    errorCases(client);
    crdCases(client);
    kindCases(client, options.real === true);
  });
}
