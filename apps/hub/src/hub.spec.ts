import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { startHub, type Hub } from './hub.js';

let test: TestStore;
let hub: Hub;

beforeAll(async () => {
  test = await createTestStore();
  const sealer = {
    seal: (plaintext: Uint8Array) => ({ keyId: 'k', wrappedKey: new Uint8Array(), ciphertext: plaintext }),
    open: (sealed: { ciphertext: Uint8Array }) => sealed.ciphertext,
  };
  hub = await startHub(
    { store: test.store, sealer, clock: { nowMs: () => Date.now() }, logger: pino({ level: 'silent' }), checks: [] },
    { host: '127.0.0.1', port: 0 },
  );
});

afterAll(async () => {
  await hub?.stop();
  await test.drop();
});

describe('hub', () => {
  it('lives and is ready', async () => {
    const live = await fetch(`${hub.url}/healthz`);
    expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
    const ready = await fetch(`${hub.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', checks: { postgres: 'ok' } }]);
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
});
