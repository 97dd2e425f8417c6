import { AppError } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.js';
import { Metrics } from './metrics.js';
import { NestLogger } from './nest-logger.js';

function capture(): { readonly lines: Record<string, unknown>[]; readonly write: (text: string) => void } {
  const lines: Record<string, unknown>[] = [];
  return { lines, write: (text) => void lines.push(JSON.parse(text) as Record<string, unknown>) };
}

describe('createLogger', () => {
  it('writes a constant message with its fields, as JSON', () => {
    const sink = capture();
    createLogger('hub', 'info', sink).with({ requestId: 'r1' }).info('request served', { status: 200 });
    expect(sink.lines[0]).toMatchObject({
      level: 'info',
      service: 'hub',
      msg: 'request served',
      requestId: 'r1',
      status: 200,
    });
  });

  it('leaves out what is below its level', () => {
    const sink = capture();
    createLogger('hub', 'warn', sink).info('quiet');
    expect(sink.lines).toEqual([]);
  });

  it('shows an error with its causes, and no credential that a library quotes', () => {
    const sink = capture();
    const cause = new Error('GET https://user:hunter2@host/ with Bearer abc.def failed');
    createLogger('worker', 'info', sink).error('slice failed', {
      error: new AppError('SourceFailed', 'cannot read it', { cause }),
    });
    expect(sink.lines[0]).toMatchObject({ code: 'SourceFailed', error: 'cannot read it' });
    expect(JSON.stringify(sink.lines)).toContain('https://[redacted]@host/ with Bearer [redacted] failed');
  });

  it('redacts secret keys of objects that slip through', () => {
    const sink = capture();
    const smuggled: object = { credentials: { token: 'hunter2' }, count: 1 };
    createLogger('worker', 'info', sink).info('oops', smuggled);
    expect(JSON.stringify(sink.lines)).not.toContain('hunter2');
  });

  it('serves Nest, whose chatter is debug', () => {
    const sink = capture();
    const nest = new NestLogger(createLogger('hub', 'debug', sink));
    nest.log('Nest application started', 'NestApplication');
    nest.error(new Error('boom'), 'ExceptionHandler');
    expect(sink.lines.map(({ level, context }) => [level, context])).toEqual([
      ['debug', 'NestApplication'],
      ['error', 'ExceptionHandler'],
    ]);
  });
});

describe('Metrics', () => {
  it('answers the same metric twice, and prints a page', async () => {
    const metrics = new Metrics('worker');
    metrics.counter('runs_total', 'Runs', ['queue']).add({ queue: 'deploy' });
    metrics.counter('runs_total', 'Runs', ['queue']).add({ queue: 'deploy' }, 2);
    metrics.duration('run_seconds', 'Durations').observe(1_500);
    metrics.gauge('spokes', 'Spokes').set(3);
    const page = await metrics.page();
    expect(page).toContain('wheelwright_runs_total{queue="deploy",service="worker"} 3');
    expect(page).toContain('wheelwright_run_seconds_sum{service="worker"} 1.5');
    expect(page).toContain('wheelwright_spokes{service="worker"} 3');
    expect(() => metrics.gauge('runs_total', 'Runs')).toThrow('as another type');
  });
});
