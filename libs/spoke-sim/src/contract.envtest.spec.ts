// The suite that the simulator is held to, on the server it imitates. The real one decides.
import { findEnvtest, kubeApiContract, startEnvtest } from '@wheelwright/testing';
import { describe, expect, it } from 'vitest';

const found = findEnvtest();

if (found.folder !== undefined) {
  const start = async () => {
    const server = await startEnvtest();
    return {
      url: server.url,
      token: server.token,
      caData: server.caData,
      forgetHistory: () => server.restart(),
      stop: () => server.stop(),
    };
  };
  kubeApiContract('real kube-apiserver', start, { real: true });
} else if (process.env.WHEELWRIGHT_REQUIRE_ENVTEST === '1') {
  it('has a real kube-apiserver', () => {
    expect.fail(found.reason);
  });
} else {
  describe.skip(`Kubernetes API: real kube-apiserver (skipped: ${found.reason})`, () => {
    it('runs the contract suite', () => undefined);
  });
}
