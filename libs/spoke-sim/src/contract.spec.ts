import { kubeApiContract } from '@wheelwright/testing';
import { startSpokeSim } from './index.js';

kubeApiContract('simulated, over TLS', async () => {
  const sim = await startSpokeSim({ tls: true });
  const spoke = sim.addCluster('contract');
  return {
    url: spoke.url,
    token: spoke.token,
    ...(sim.caData === undefined ? {} : { caData: sim.caData }),
    forgetHistory: () => {
      spoke.forgetHistory();
      return Promise.resolve();
    },
    stop: () => sim.close(),
  };
});
