import { describe, expect, it } from 'vitest';
import { Mailbox } from './change-feed.js';

const open = (): Mailbox => new Mailbox(() => undefined);

describe('a mailbox', () => {
  it('hands out each id once, whatever came first', async () => {
    const mailbox = open();
    mailbox.put({ resync: false, ids: ['a', 'b'] });
    mailbox.put({ resync: false, ids: ['b', 'c'] });
    expect(await mailbox.take(1_000, 1)).toEqual({ ids: ['a', 'b', 'c'] });
    expect(await mailbox.take(1, 1)).toEqual({ ids: [] });
  });

  it('gathers what comes shortly after the first', async () => {
    const mailbox = open();
    const taken = mailbox.take(1_000, 50);
    mailbox.put({ resync: false, ids: ['a'] });
    await Promise.resolve();
    mailbox.put({ resync: false, ids: ['b'] });
    expect(await taken).toEqual({ ids: ['a', 'b'] });
  });

  it('ends a reader that waits', async () => {
    const mailbox = open();
    const taken = mailbox.take(60_000, 60_000);
    mailbox.close();
    expect(await taken).toBe('closed');
  });

  it('says that something was missed', async () => {
    const mailbox = open();
    const taken = mailbox.take(60_000, 60_000);
    mailbox.put({ resync: true });
    await expect(taken).rejects.toMatchObject({ code: 'Conflict' });
  });

  it('gives up on a reader that cannot follow', async () => {
    const mailbox = open();
    mailbox.put({ resync: false, ids: Array.from({ length: 20_001 }, (_, index) => String(index)) });
    await expect(mailbox.take(1, 1)).rejects.toMatchObject({ code: 'Conflict' });
  });
});
