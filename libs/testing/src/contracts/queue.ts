// What every backend of the queue must do. One suite, run on Postgres and on Redis.
import { AppError, done, type Outcome } from '@wheelwright/kernel';
import { QUEUE_NAMES, type QueuePort, type Run } from '@wheelwright/platform-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export interface QueueFixture {
  /** Opens one more client of the same queue, as another process would. */
  open(): Promise<QueuePort>;
  /** Loses everything that the queue holds: FLUSHALL, or the schema dropped. */
  destroyData(): Promise<void>;
  stop(): Promise<void>;
}

const POLL = { timeout: 10_000, interval: 10 };
const OPTIONS = { concurrency: 4, deadlineMs: 5_000 };

/** A promise and its switch. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** Runs the suite of the queue port under a name. */
export function queueContract(name: string, setup: () => Promise<QueueFixture>): void {
  describe(`QueuePort on ${name}`, () => {
    let fixture: QueueFixture;
    let queue: QueuePort;

    beforeAll(async () => {
      fixture = await setup();
      queue = await fixture.open();
    });
    afterAll(async () => {
      await queue.close();
      await fixture.stop();
    });

    it('runs each key that was added, once', async () => {
      const seen: string[] = [];
      const consumer = await fixture.open();
      await consumer.process('expand', (key) => Promise.resolve((seen.push(key), done)), OPTIONS);
      const keys = Array.from({ length: 50 }, (_, at) => `set-${at}`);
      await queue.addMany('expand', [...keys, ...keys]);
      await expect.poll(() => [...seen].sort(), POLL).toEqual([...keys].sort());
      expect(await queue.counts('expand')).toMatchObject({ waiting: 0, delayed: 0 });
      await consumer.close();
    });

    it('holds at most one waiting job of a key', async () => {
      for (let at = 0; at < 5; at += 1) await queue.add('source', 'repo');
      await queue.addMany('source', ['repo', 'repo', 'other']);
      expect((await queue.counts('source')).waiting).toBe(2);
    });

    it('runs a key that was added while it ran once more, and never twice at a time', async () => {
      const started: string[] = [];
      const first = gate();
      let running = 0;
      let most = 0;
      const work = async (key: string): Promise<Outcome> => {
        started.push(key);
        running += 1;
        most = Math.max(most, running);
        if (started.length === 1) await first.opened;
        running -= 1;
        return done;
      };
      const workers = [await fixture.open(), await fixture.open()];
      for (const worker of workers) await worker.process('deploy', work, OPTIONS);
      await queue.add('deploy', 'c1');
      await expect.poll(() => started.length, POLL).toBe(1);
      for (let at = 0; at < 20; at += 1) await queue.add('deploy', 'c1');
      first.open();
      await expect.poll(() => started.length, POLL).toBe(2);
      await queue.add('deploy', 'after');
      await expect.poll(() => started, POLL).toEqual(['c1', 'c1', 'after']);
      expect(most).toBe(1);
      for (const worker of workers) await worker.close();
    });

    it('turns outcomes into moves: again at once, retry later where asked for, stalled and done end', async () => {
      const runs: Run[] = [];
      const failure = new AppError('Unavailable', 'not now');
      const answers: Readonly<Record<string, Outcome[]>> = {
        again: [{ kind: 'again', why: 'slice over' }, done],
        retry: [{ kind: 'retry', error: failure }, done],
        stalled: [{ kind: 'stalled', error: failure }],
      };
      const consumer = await fixture.open();
      const answer = (key: string): Promise<Outcome> => Promise.resolve(answers[key]?.shift() ?? done);
      await consumer.process('observe', answer, { ...OPTIONS, retryAfterMs: 100, onRun: (run) => runs.push(run) });
      await queue.addMany('observe', ['again', 'retry', 'stalled']);
      const kinds = (key: string): string[] => runs.filter((run) => run.key === key).map((run) => run.outcome);
      await expect.poll(() => kinds('again'), POLL).toEqual(['again', 'done']);
      await expect.poll(() => kinds('retry'), POLL).toEqual(['retry', 'done']);
      expect(kinds('stalled')).toEqual(['stalled']);
      await consumer.close();
    });

    it('lets an immediate add overtake a waiting retry', async () => {
      const runs: number[] = [];
      const consumer = await fixture.open();
      const work = (): Promise<Outcome> => {
        runs.push(runs.length);
        return Promise.resolve(
          runs.length === 1 ? { kind: 'retry', error: new AppError('Unavailable', 'later') } : done,
        );
      };
      await consumer.process('probe', work, { ...OPTIONS, retryAfterMs: 60_000 });
      await queue.add('probe', 'c1');
      await expect.poll(async () => (await queue.counts('probe')).delayed, POLL).toBe(1);
      await queue.add('probe', 'c1');
      await expect.poll(() => runs.length, POLL).toBe(2);
      await consumer.close();
    });

    it('aborts a handler at its deadline and takes a throw for a retry', async () => {
      const runs: Run[] = [];
      const consumer = await fixture.open();
      const work = (key: string, signal: AbortSignal): Promise<Outcome> =>
        key === 'throws'
          ? Promise.reject(new Error('boom'))
          : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
      await consumer.process('tick', work, { concurrency: 2, deadlineMs: 100, onRun: (run) => runs.push(run) });
      await queue.addMany('tick', ['throws', 'hangs']);
      await expect.poll(() => runs.length, POLL).toBe(2);
      expect(Object.fromEntries(runs.map((run) => [run.key, run.error?.message]))).toEqual({
        throws: 'a handler of the queue "tick" failed: boom',
        hangs: 'the work took longer than 100 ms',
      });
      await consumer.close();
    });

    it('drains when it closes: the running handler is told and waited for', async () => {
      const started = gate();
      let ended = false;
      const consumer = await fixture.open();
      const work = async (_: string, signal: AbortSignal): Promise<Outcome> => {
        started.open();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        ended = true;
        return done;
      };
      await consumer.process('deploy', work, { ...OPTIONS, deadlineMs: 60_000 });
      await queue.add('deploy', 'drained');
      await started.opened;
      await consumer.close();
      expect(ended).toBe(true);
    });

    it('adds a scheduled key again and again, whoever schedules it', async () => {
      const seen: string[] = [];
      const consumer = await fixture.open();
      await consumer.process('tick', (key) => Promise.resolve((seen.push(key), done)), OPTIONS);
      await consumer.schedule('sweep', { everyMs: 200, queue: 'tick', key: 'sweep' });
      await queue.schedule('sweep', { everyMs: 200, queue: 'tick', key: 'sweep' });
      await expect.poll(() => seen.length, POLL).toBeGreaterThanOrEqual(3);
      await consumer.close();
    });

    it('works again within seconds after its data was lost, without a restart', async () => {
      const seen: string[] = [];
      const consumer = await fixture.open();
      await consumer.process('tick', (key) => Promise.resolve((seen.push(key), done)), OPTIONS);
      await consumer.process('expand', (key) => Promise.resolve((seen.push(key), done)), OPTIONS);
      await consumer.schedule('beat', { everyMs: 500, queue: 'tick', key: 'beat' });
      await expect.poll(() => seen, POLL).toContain('beat');
      await fixture.destroyData();
      seen.length = 0;
      await expect.poll(() => seen, POLL).toContain('beat');
      await queue.add('expand', 'after-the-loss');
      await expect.poll(() => seen, POLL).toContain('after-the-loss');
      await consumer.close();
    });

    it('refuses a second handler of a queue, and a process without all handlers', async () => {
      const consumer = await fixture.open();
      await consumer.process('deploy', () => Promise.resolve(done), OPTIONS);
      await expect(consumer.process('deploy', () => Promise.resolve(done), OPTIONS)).rejects.toThrow(
        'has two handlers',
      );
      expect(() => consumer.assertAllHandled()).toThrow(
        'no handler for the queues: expand, observe, orphans, source, probe, preview, tick',
      );
      for (const name of QUEUE_NAMES.filter((other) => other !== 'deploy')) {
        await consumer.process(name, () => Promise.resolve(done), OPTIONS);
      }
      consumer.assertAllHandled();
      await consumer.close();
    });
  });
}
