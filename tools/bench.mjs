// npm run bench -- fleet --clusters 100 --apps 20 --objects 10   measures the whole product on simulated spokes, and keeps a record
// npm run bench -- report                                        compares the newest record with earlier ones of the same flags
import { setup } from './lib/setup.mjs';

await setup();
process.setSourceMapsEnabled(true);
// In this process: a signal reaches the experiment itself, which ends what it started.
await import('../dist/apps/bench/main.js');
