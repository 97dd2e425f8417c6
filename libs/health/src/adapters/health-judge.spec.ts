import type { KubeObject } from '@wheelwright/kernel';
import { afterAll, describe, expect, it } from 'vitest';
import type { Health } from '../types.js';
import { readUserChecks } from '../user-checks.js';
import { HealthJudge, RememberedVerdicts } from './health-judge.js';
import { LuaRunner } from './lua-runner.js';

const MEMORY = 8 * 1024 * 1024;
const runner = new LuaRunner({ timeoutMs: 500, memoryBytes: MEMORY, messageLength: 64 });
afterAll(() => runner.close());

let versions = 0;

function widget(rest: Partial<KubeObject> = {}): KubeObject {
  versions += 1;
  const metadata = { name: 'one', namespace: 'shop', uid: 'u1', resourceVersion: String(versions), generation: 7 };
  return { apiVersion: 'acme.example.com/v1', kind: 'Widget', metadata, ...rest };
}

function judgeOf(script: string, options: { readonly openLibs?: boolean } = {}): HealthJudge {
  const { checks } = readUserChecks({
    'resource.customizations.health.acme.example.com_Widget': script,
    'resource.customizations.useOpenLibs.acme.example.com_Widget': String(options.openLibs ?? false),
  });
  return new HealthJudge(checks, runner);
}

async function verdictOf(script: string, object = widget(), options = {}): Promise<Health | undefined> {
  const judge = judgeOf(script, options);
  await judge.prepare([object]);
  return judge.judge(object);
}

describe('checks of users', () => {
  it('run as they were written for Argo CD', async () => {
    const script = `
      hs = {}
      if obj.status ~= nil and obj.status.conditions ~= nil then
        for i, condition in ipairs(obj.status.conditions) do
          if condition.type == "Ready" and condition.status == "False" then
            hs.status = "Degraded"
            hs.message = string.format("%d of %d: %s", table.getn(obj.status.conditions), obj.metadata.generation / 2, condition.message)
            return hs
          end
        end
      end
      hs.status = "Progressing"
      hs.message = "waiting"
      return hs`;
    const conditions = [{ type: 'Ready', status: 'False', message: 'broken', reason: null }];
    expect(await verdictOf(script, widget({ status: { conditions, empty: null } }))).toEqual({
      status: 'Degraded',
      message: '1 of 3: broken',
    });
    expect(await verdictOf(script)).toEqual({ status: 'Progressing', message: 'waiting' });
  });

  it.each([
    ['nil: no opinion', 'return nil', undefined],
    ['nothing: no opinion', 'local x = 1', undefined],
    ['no status', 'return {}', 'Unknown: the Lua check returned an invalid health status'],
    ['an unknown status', 'return { status = "Fine" }', 'Unknown: the Lua check returned an invalid health status'],
    ['a number', 'return 3', 'Unknown: lua error: it returned a number, not a table'],
    ['an error', 'error("boo")', 'Unknown: lua error: check:1: boo'],
    ['an error that is no text', 'error({})', 'Unknown: lua error: it raised a value that is no text'],
    ['bad syntax', 'return {', 'Unknown: lua error: check:1: unexpected symbol near <eof>'],
    [
      'a missing member',
      'return obj.status.phase',
      "Unknown: lua error: check:1: attempt to index a nil value (field 'status')",
    ],
    [
      'a long message',
      'return { status = "Healthy", message = string.rep("x", 1000000) }',
      `Healthy: ${'x'.repeat(64)}`,
    ],
    ['an endless message', 'local t = {} t.t = t return { status = "Healthy", message = t, more = t }', 'Healthy: '],
  ])('that return %s', async (_, script, verdict) => {
    const health = await verdictOf(script);
    expect(health === undefined ? undefined : `${health.status}: ${health.message}`).toBe(verdict);
  });

  it('know Lua 5.1, and nothing outside of the object', async () => {
    const script = `
      local absent = { io, debug, dofile, loadfile, collectgarbage, os.execute, os.getenv, os.remove, os.exit, string.dump, coroutine }
      local first, second = unpack({ "a", "b" })
      return { status = "Healthy", message = table.maxn(absent) .. first .. second .. tostring(require("os") == os) .. math.pow(2, 3)
        .. type(os.time()) .. os.date("!%Y", 0) .. tostring(pcall(require, "io")) .. tostring(load("\\27Lua")) }`;
    expect((await verdictOf(script))?.message).toBe('0abtrue8.0number1970falsenil');
    const open = 'return { status = "Healthy", message = type(coroutine) .. type(utf8) .. type(io) }';
    expect((await verdictOf(open, widget(), { openLibs: true }))?.message).toBe('tabletablenil');
  });

  it('leave nothing behind for the next run', async () => {
    await verdictOf('string.rep = nil; leak = 1; return nil');
    expect((await verdictOf('return { status = "Healthy", message = type(leak) .. type(string.rep) }'))?.message).toBe(
      'nilfunction',
    );
  });
});

describe('limits of checks', () => {
  it.each([
    ['a loop', 'while true do end'],
    ['a loop that catches its end', 'while true do pcall(function() while true do end end) end'],
    ['a pattern without end', 'return string.find(string.rep("a", 200000), ".-.-.-.-b")'],
    ['a coroutine without end', 'coroutine.wrap(function() while true do end end)()'],
  ])('end %s', async (_, script) => {
    expect(await verdictOf(script, widget(), { openLibs: true })).toEqual({
      status: 'Unknown',
      message: 'lua error: it ran for more than 500 ms',
    });
    expect((await verdictOf('return { status = "Healthy" }'))?.status).toBe('Healthy');
  });

  it.each([
    ['many texts', 'local t = {} while true do t[#t + 1] = string.rep("x", 10000) .. #t end'],
    ['one text', 'local s = "x" while true do s = s .. s end'],
    ['one repetition', 'return { status = "Healthy", message = string.rep("x", 1000000000) }'],
  ])('end what takes too much memory: %s', async (_, script) => {
    const health = await verdictOf(script);
    expect(health?.status).toBe('Unknown');
    expect(health?.message).toMatch(/^lua error: .*(not enough memory|resulting string too large|500 ms)/);
    expect((await verdictOf('return { status = "Healthy" }'))?.status).toBe('Healthy');
  });

  it('give up on a check that never ends, until it is changed', async () => {
    const remembered = new RememberedVerdicts();
    const [check] = readUserChecks({
      'resource.customizations.health.acme.example.com_Widget': 'while true do end',
    }).checks;
    if (check === undefined) throw new Error('no check');
    const judge = new HealthJudge([check], runner, remembered);
    const objects = Array.from({ length: 50 }, () => widget());
    await judge.prepare(objects);
    expect(remembered.timeoutsOf(check)).toBe(3);
    expect(judge.judge(objects[49] ?? widget())?.message).toContain('not run until it is changed');
  });
});

describe('precedence', () => {
  it('is the user, then the room, and deletion before both', async () => {
    const judge = judgeOf('return { status = "Suspended", message = "by me" }');
    const object = widget();
    expect(judge.judge(object)).toEqual({ status: 'Progressing', message: 'its health check has not run yet' });
    await judge.prepare([object]);
    expect(judge.judge(object)?.message).toBe('by me');
    const going = { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(judge.judge(going)?.message).toBe('Pending deletion');
    expect(judge.judge(going, { hook: true })?.message).toBe('by me');
    expect(judge.judge({ ...object, apiVersion: 'v1', kind: 'Service' })?.status).toBe('Healthy');
    expect([judge.needsBody('acme.example.com', 'Widget'), judge.needsBody('acme.example.com', 'Other')]).toEqual([
      true,
      false,
    ]);
  });

  it('runs a check once per version of an object', async () => {
    let runs = 0;
    const counting = { run: async () => ((runs += 1), { kind: 'nothing' as const }) };
    const { checks } = readUserChecks({ 'resource.customizations.health.acme.example.com_Widget': 'return nil' });
    const judge = new HealthJudge(checks, counting);
    const object = widget();
    await judge.prepare([object, object]);
    await judge.prepare([object, { ...object, metadata: { ...object.metadata, resourceVersion: 'next' } }]);
    expect(runs).toBe(2);
  });
});
