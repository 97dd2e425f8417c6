// The thread in which expressions of users run: jq as WebAssembly, one program and one value per message. Whoever started it kills it when its time is over.
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';

/** Longest answer in bytes. */
const MAX_OUTPUT = 256 * 1024;

// The runtime reads its input byte by byte and copies all that is left each time; a view of the rest makes that linear.
const copy = Uint8Array.prototype.slice;
Uint8Array.prototype.slice = function slice(start, end) {
  return start === 1 && end === undefined ? this.subarray(1) : copy.call(this, start, end);
};

const load = createRequire(import.meta.url)('jq-wasm/dist/build/jq.js').default;
const jq = await load({ thisProgram: 'jq' });

parentPort.on('message', ({ program, json }) => {
  void run(program, json).then((answer) => parentPort.postMessage(answer));
});
parentPort.postMessage('ready');

async function run(program, json) {
  try {
    const text = await jq.raw(json, program, ['-c']);
    if (text.length > MAX_OUTPUT) return { error: `the answer is longer than ${MAX_OUTPUT} bytes` };
    return { text };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: message.slice(0, 1_000), broken: message.startsWith('Aborted') };
  }
}
