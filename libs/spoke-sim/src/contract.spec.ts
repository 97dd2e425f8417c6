import { kubeApiContract } from '@wheelwright/testing';
import { startSpokeSim } from './index.js';

kubeApiContract('simulated, over TLS', async () => {
  // The real one of this suite has no controllers: these keep out of the way long enough.
  const sim = await startSpokeSim({ tls: true, controllerDelayMs: 2_000 });
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
