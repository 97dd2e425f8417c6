import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '@wheelwright/kernel';
import { type SpokeClient } from './index.js';
import {
  closeAll,
  closers,
  CONFIG_MAP,
  CONFIG_MAPS,
  connect,
  failureOf,
  json,
  REF,
  SECRETS,
  serve,
  status,
  TOKEN,
} from './testing/fault-server.js';

afterEach(closeAll);

describe('faults', () => {
  it.each([
    [401, 'Unauthorized', 'SpokeUnauthorized'],
    [403, 'Forbidden', 'SpokeUnauthorized'],
    [409, 'Conflict', 'SpokeConflict'],
    [422, 'Invalid', 'SpokeRejected'],
    [500, 'InternalError', 'SpokeRejected'],
    [503, 'ServiceUnavailable', 'SpokeUnreachable'],
  ])('%i is %s', async (code, reason, expected) => {
    const { url } = await serve((_request, response) => {
      json(response, status(code, reason, { message: `token ${TOKEN}\u0000` }), code);
    });
    const { client } = connect(url);
    const error = await failureOf(client.get(CONFIG_MAPS, REF));
    expect(error).toMatchObject({ code: expected, details: { status: code, reason } });
    expect(JSON.stringify([error.message, error.details])).not.toContain(TOKEN);
  });

  it('names the managers that own contested fields', async () => {
    const causes = [
      { reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using v1', field: '.data.a' },
      { reason: 'FieldManagerConflict', message: 'conflict with "hpa" using apps/v1', field: '.data.b' },
    ];
    const { url } = await serve((_request, response) => {
      json(response, status(409, 'Conflict', { details: { causes } }), 409);
    });
    const error = await failureOf(connect(url).client.apply(CONFIG_MAPS, CONFIG_MAP, { fieldManager: 'wheelwright' }));
    expect(error.details).toMatchObject({ managers: ['hpa', 'kubectl'], fields: ['.data.a', '.data.b'] });
  });

  it('repeats no value of a Secret, whatever the spoke says about it', async () => {
    const { url } = await serve((_request, response) => {
      json(
        response,
        status(422, 'Invalid', {
          message: 'data: "hunter2" is bad',
          details: { causes: [{ message: 'hunter2', field: 'data.password' }] },
        }),
        422,
      );
    });
    const error = await failureOf(
      connect(url).client.apply(SECRETS, { ...CONFIG_MAP, kind: 'Secret' }, { fieldManager: 'wheelwright' }),
    );
    expect(JSON.stringify([error.message, error.details])).not.toContain('hunter2');
    expect(error.message).toContain('data.password');
  });

  it('follows no redirect, so that the credentials go nowhere else', async () => {
    const other = await serve((_request, response) => {
      json(response, CONFIG_MAP);
    });
    const { url } = await serve((_request, response) =>
      response.writeHead(302, { location: `${other.url}/api` }).end(),
    );
    const error = await failureOf(connect(url).client.get(CONFIG_MAPS, REF));
    expect(error).toMatchObject({ code: 'SpokeRejected', details: { reason: 'Redirect' } });
    expect(error.message).toContain(new URL(other.url).host);
    expect(other.accepted()).toBe(0);
  });

  it('refuses an answer past the cap, and one that is not JSON; drops __proto__', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/big') json(response, { fill: 'x'.repeat(10_000) });
      else if (request.url === '/html') response.end('<html>');
      else response.end('{"a":1,"__proto__":{"polluted":true}}');
    });
    const { client } = connect(url);
    const get = (path: string, maxBytes: number): ReturnType<SpokeClient['request']> =>
      client.request({ verb: 'other', method: 'GET', path, maxBytes });
    expect(await failureOf(get('/big', 1_000))).toMatchObject({
      code: 'SpokeRejected',
      details: { reason: 'ResponseTooLarge' },
    });
    expect(await failureOf(get('/html', 1_000))).toMatchObject({
      code: 'SpokeRejected',
      details: { reason: 'NotJson' },
    });
    expect(Object.keys((await get('/proto', 1_000)).body)).toEqual(['a']);
  });

  it('gives up at the deadline, and when its caller does', async () => {
    const { url } = await serve(() => undefined);
    const { client } = connect(url);
    expect(await failureOf(client.get(CONFIG_MAPS, REF, { deadlineMs: 50 }))).toMatchObject({
      code: 'SpokeUnreachable',
      details: { reason: 'Timeout' },
    });
    const controller = new AbortController();
    const call = failureOf(client.get(CONFIG_MAPS, REF, { signal: controller.signal }));
    controller.abort(new AppError('LeaseLost', 'over'));
    expect((await call).code).toBe('LeaseLost');
  });

  it('waits as long as a 429 says and sends again, or fails where the deadline is nearer', async () => {
    let answers = 0;
    const { url } = await serve((_request, response) => {
      answers += 1;
      if (answers === 1) json(response.setHeader('retry-after', '1'), status(429, 'TooManyRequests'), 429);
      else if (answers === 2) json(response, CONFIG_MAP);
      else json(response.setHeader('retry-after', '30'), status(429, 'TooManyRequests'), 429);
    });
    const { client } = connect(url);
    const startedMs = performance.now();
    expect(await client.get(CONFIG_MAPS, REF)).toEqual(CONFIG_MAP);
    expect(performance.now() - startedMs).toBeGreaterThan(900);
    expect(await failureOf(client.get(CONFIG_MAPS, REF))).toMatchObject({
      code: 'SpokeThrottled',
      details: { retryAfterMs: 30_000 },
    });
  });

  it('opens the breaker after three dead connections, lets one probe through, and closes again', async () => {
    const { url, server, accepted } = await serve((_request, response) => {
      json(response, CONFIG_MAP);
    });
    let isDead = true;
    server.on('connection', (socket) => {
      if (isDead) socket.destroy();
    });
    const { client } = connect(url, { breaker: { firstPauseMs: 60, random: () => 0.5 } });
    for (let round = 0; round < 3; round += 1)
      expect((await failureOf(client.get(CONFIG_MAPS, REF))).code).toBe('SpokeUnreachable');
    const tried = accepted();
    expect(await failureOf(client.get(CONFIG_MAPS, REF))).toMatchObject({ details: { reason: 'BreakerOpen' } });
    expect(accepted()).toBe(tried);
    isDead = false;
    const end = Date.now() + 5_000;
    let object: unknown;
    while (object === undefined && Date.now() < end) object = await client.get(CONFIG_MAPS, REF).catch(() => undefined);
    expect(object).toEqual(CONFIG_MAP);
    expect(await client.get(CONFIG_MAPS, REF)).toEqual(CONFIG_MAP);
  });

  it('says which address it could not reach', async () => {
    const { url, server } = await serve(() => undefined);
    server.close();
    await once(server, 'close');
    closers.splice(0);
    const error = await failureOf(connect(url).client.version());
    expect(error).toMatchObject({ code: 'SpokeUnreachable', details: { reason: 'ECONNREFUSED' } });
  });
});
