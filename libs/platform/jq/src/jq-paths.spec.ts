import { afterAll, describe, expect, it } from 'vitest';
import { JqPaths } from './jq-paths.js';

const deployment = {
  spec: {
    replicas: 2,
    list: [1, 2, 3],
    containers: [
      { name: 'web', image: 'web:1', env: [{ name: 'A', value: 'ä' }] },
      { name: 'istio-proxy', image: 'proxy:1' },
    ],
  },
  data: { 'a.b': 'x', 'keep-me': 'y', 'drop-1': 'z' },
};

describe('paths that jq names', () => {
  const jq = new JqPaths();
  afterAll(() => jq.close());

  it.each([
    ['.spec.replicas', [['spec', 'replicas']]],
    ['.spec.containers[] | select(.name == "istio-proxy")', [['spec', 'containers', '1']]],
    ['.spec.containers[].env[]? | select(.value == "ä")', [['spec', 'containers', '0', 'env', '0']]],
    ['.spec.list[-1]', [['spec', 'list', '2']]],
    [
      '.spec.list[1:]',
      [
        ['spec', 'list', '1'],
        ['spec', 'list', '2'],
      ],
    ],
    ['.spec.list[7]', []],
    ['.data | to_entries', 'Invalid path expression'],
    ['.data[(.data | keys[] | select(startswith("drop-")))]', [['data', 'drop-1']]],
    [
      '.data["a.b"], .spec.replicas # both',
      [
        ['data', 'a.b'],
        ['spec', 'replicas'],
      ],
    ],
    ['.missing[].name', []],
    ['.spec.missing.deeper', [['spec', 'missing', 'deeper']]],
    ['.spec.replicas[]', 'Cannot iterate over number'],
    ['foo(', 'jq: syntax error, unexpected'],
    ['empty', []],
    ['.a))]}), (try {p: [limit(9; path(.data', 'exactly one value'],
  ])('%s', async (expression, expected) => {
    const [answer] = await jq.pathsOf([expression], deployment);
    if (typeof expected !== 'string') expect(answer).toEqual({ paths: expected });
    else expect(answer).toMatchObject({ problem: expect.stringContaining(expected) as string });
  });

  it('asks about all expressions of a value at once, and blames only the one that is wrong', async () => {
    const answers = await jq.pathsOf(['.spec.replicas', 'foo(', '.data["a.b"]', '.spec.replicas'], deployment);
    expect(answers).toMatchObject([
      { paths: [['spec', 'replicas']] },
      { of: 'expression' },
      { paths: [['data', 'a.b']] },
      { paths: [['spec', 'replicas']] },
    ]);
  });

  it('takes a large value', async () => {
    const large = {
      data: Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`k${String(at)}`, 'x'.repeat(500)])),
    };
    expect(await jq.pathsOf(['.data.k7, .data.k999'], large)).toEqual([
      {
        paths: [
          ['data', 'k7'],
          ['data', 'k999'],
        ],
      },
    ]);
  });

  it.each([
    'error(.data["a.b"])',
    '.data["a.b"] | halt_error',
    '"jq: error: \\(.data["a.b"])\\njq: 1 compile error\\n" | halt_error(3)',
    '.spec.replicas[.data["a.b"]]',
    '.data["a.b"][]',
    '.data | debug | .[0]',
    '.data["a.b"] | input_line_number | .[0]',
    '.data["a.b"] | stderr | error',
    '.data["a.b"] | tonumber',
  ])('Cluster credentials never come back: %s tells no value', async (expression) => {
    const [answer] = await jq.pathsOf([expression], { ...deployment, data: { 'a.b': 'c3VwZXJzZWNyZXQ=' } });
    expect(answer).toHaveProperty('problem');
    expect(JSON.stringify(answer)).not.toContain('c3VwZXJz');
  });

  it('knows nothing of the process', async () => {
    const [answer] = await jq.pathsOf(['.[$ENV | tojson]'], {});
    const text = JSON.stringify(answer);
    for (const secret of [process.cwd(), process.execPath]) expect(text).not.toContain(secret);
  });
});

describe('limits of jq', () => {
  it('User expressions cannot burn CPU: endless ones and large ones are stopped, and others go on', async () => {
    let nowMs = 0;
    const jq = new JqPaths({ limitMs: 300, nowMs: () => nowMs });
    const endless = 'last(range(1e12)) as $x | .a';
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 20);
    const [, good] = await jq.pathsOf([endless, '.a'], { a: 1 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
    expect(good).toEqual({ paths: [['a']] });
    const [stopped] = await jq.pathsOf([endless], { a: 1 });
    expect(stopped).toMatchObject({ problem: expect.stringContaining('longer than 300 ms') as string });
    const began = performance.now();
    await jq.pathsOf([endless], { a: 2 });
    expect(performance.now() - began).toBeLessThan(200);
    nowMs = 1e9;
    expect(await jq.pathsOf(['last(range(1e3)) as $x | .a'], { a: 1 })).toEqual([{ paths: [['a']] }]);
    expect(await jq.pathsOf(['[range(1e9)] as $x | .a', '[.[]?] | .[0]', '.a'], { a: 3 })).toMatchObject([
      { problem: expect.any(String) as string },
      { problem: expect.any(String) as string },
      { paths: [['a']] },
    ]);
    await jq.close();
  });

  it('an expression may not name everything', async () => {
    const jq = new JqPaths();
    const list = Array.from({ length: 2_000 }, (_, at) => at);
    expect(await jq.pathsOf(['.list[]', `.${'a'.repeat(20_000)}`], { list })).toMatchObject([
      { problem: expect.stringContaining('more than 500') as string },
      { problem: expect.stringContaining('longer than') as string },
    ]);
    await jq.close();
  });
});
