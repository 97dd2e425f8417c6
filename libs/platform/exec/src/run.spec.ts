import { describe, expect, it } from 'vitest';
import { run } from './run.js';

const node = process.execPath;
const limits = { env: {}, timeoutMs: 10_000, maxOutputBytes: 1_000 };

describe('run', () => {
  it('gives exit code, output and errors', async () => {
    const script = 'process.stdin.pipe(process.stdout); process.stderr.write("why"); process.exitCode = 3';
    const result = await run(node, ['-e', script], { ...limits, stdin: 'hello' });
    expect({ ...result, stdout: result.stdout.toString() }).toEqual({ code: 3, stdout: 'hello', stderr: 'why' });
  });

  it('passes arguments as they are: no shell', async () => {
    const result = await run(node, ['-p', 'process.argv[1]', '$(id); `id` && x'], limits);
    expect(result.stdout.toString()).toBe('$(id); `id` && x\n');
  });

  it('inherits no environment', async () => {
    const result = await run(node, ['-p', 'Object.keys(process.env).join()'], { ...limits, env: { ONLY: '1' } });
    expect(result.stdout.toString()).toBe('ONLY\n');
  });

  it('ends at the deadline, even where the program has children', async () => {
    const script =
      'const c = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"]);' +
      'process.stderr.write(String(c.pid)); setInterval(() => 0, 1000)';
    await expect(run(node, ['-e', script], { ...limits, timeoutMs: 500 })).rejects.toMatchObject({
      failure: 'timeout',
    });
  });

  it('stops a flood of output', async () => {
    const flood = 'setInterval(() => process.stdout.write("x".repeat(1000)), 1)';
    await expect(run(node, ['-e', flood], limits)).rejects.toMatchObject({ failure: 'too-much-output' });
  });

  it('can be aborted', async () => {
    const controller = new AbortController();
    const running = run(node, ['-e', 'setInterval(() => 0, 1000)'], { ...limits, signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ failure: 'aborted' });
  });

  it('says when there is no such program', async () => {
    const error = await run('no-such-program-here', [], limits).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ failure: 'not-started' });
  });

  it('refuses a NUL in an argument', async () => {
    await expect(run(node, ['a\0b'], limits)).rejects.toThrow(/NUL/);
  });
});
