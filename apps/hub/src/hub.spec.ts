import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHub, type TestHub } from './testing/test-hub.js';

let hub: TestHub;

beforeAll(async () => {
  hub = await startTestHub();
});

afterAll(() => hub.stop());

describe('hub', () => {
  it('lives and is ready', async () => {
    const live = await fetch(`${hub.url}/healthz`);
    expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
    const ready = await fetch(`${hub.url}/readyz`);
    const checks = { postgres: 'ok', queue: 'ok' };
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', checks }]);
  });

  it('answers an unknown route as a problem', async () => {
    const answer = await fetch(`${hub.url}/nowhere`);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({
      status: 404,
      code: 'NotFound',
      type: 'urn:wheelwright:error:NotFound',
    });
  });

  it('describes itself', async () => {
    const page = await fetch(`${hub.url}/api/docs`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html']);
    const document = await fetch(`${hub.url}/api/docs/openapi.json`);
    expect(await document.json()).toMatchObject({ openapi: '3.0.0' });
  });
});
