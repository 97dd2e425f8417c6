import { describe, expect, it } from 'vitest';
import { parseCommand } from './flags.js';

describe('parseCommand', () => {
  it('fills in the defaults', () => {
    expect(parseCommand(['fleet'])).toMatchObject({
      kind: 'fleet',
      flags: { clusters: 100, apps: 20, objects: 10, seed: 1, workers: 1, sweep: '60s' },
    });
    expect(parseCommand(['report'])).toMatchObject({ kind: 'report' });
  });

  it('knows the sizes of the other experiment', () => {
    expect(parseCommand(['expand', '--sets', '50'])).toMatchObject({
      kind: 'expand',
      flags: { sets: 50, clusters: 500, seed: 1 },
    });
  });

  it('takes what is given', () => {
    const command = parseCommand(['fleet', '--clusters', '10', '--apps=5', '--sweep', '5s']);
    expect(command).toMatchObject({ flags: { clusters: 10, apps: 5, sweep: '5s' } });
  });

  it.each([
    [['race'], 'race'],
    [['fleet', '--clusters', '0'], '--clusters'],
    [['fleet', '--apps', '1.5'], '--apps'],
    [['fleet', '--sweep', 'often'], '--sweep'],
    [['fleet', '--speed', '9'], '--speed'],
  ])('says what is wrong with %j', (argv, word) => {
    const command = parseCommand(argv);
    expect(command.kind === 'usage' && command.problem).toContain(word);
  });
});
