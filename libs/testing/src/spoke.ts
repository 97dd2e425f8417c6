// Simulated spokes as a resource of a test: started when asked for, stopped when the test is done, whatever became of it.
import { startSpokeSim, type SpokeSim, type SpokeSimOptions } from '@wheelwright/spoke-sim';

/** Runs a body with a simulator of its own (no spokes yet: `sim.addCluster(name)`), and stops it afterwards. Answers what the body answers. */
export async function withSpokeSim<Result>(
  body: (sim: SpokeSim) => Promise<Result>,
  options: SpokeSimOptions = {},
): Promise<Result> {
  const sim = await startSpokeSim(options);
  try {
    return await body(sim);
  } finally {
    await sim.close();
  }
}
