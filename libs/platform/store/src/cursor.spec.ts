import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.js';

describe('cursors', () => {
  it('come back as they were packed', () => {
    const parts = ['payments', 'Ünïcode/😀', ''];
    expect(decodeCursor(encodeCursor(parts), 3)).toEqual(parts);
  });

  it.each([
    ['garbage', '!!!'],
    ['another number of parts', encodeCursor(['a'])],
    ['something other than text', Buffer.from('[1,2,3]').toString('base64url')],
    ['an object', Buffer.from('{"length":3}').toString('base64url')],
    ['too long a text', encodeCursor(['a', 'b', 'c'.repeat(4_000)])],
  ])('refuse %s', (_, cursor) => {
    expect(() => decodeCursor(cursor, 3)).toThrow('start from the first page');
  });
});
