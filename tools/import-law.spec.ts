// The import law can fail: each planted violation is reported, and the same file without it is not.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ESLint } from 'eslint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');

interface Planted {
  readonly where: string;
  readonly code: string;
  readonly message: RegExp;
}

const VIOLATIONS: readonly Planted[] = [
  { where: 'libs/rollout/src', code: `import 'node:fs';`, message: /no Node builtin/ },
  { where: 'libs/rollout/src', code: `export const now = (): number => Date.now();`, message: /reads no clock/ },
  { where: 'libs/rollout/src', code: `export const dice = (): number => Math.random();`, message: /rolls no dice/ },
  {
    where: 'libs/rollout/src',
    code: `import { Store } from '@wheelwright/platform-store';\nexport { Store };`,
    message: /knows no platform/,
  },
  {
    where: 'libs/rollout/src',
    code: `import { expand } from '@wheelwright/expand';\nexport { expand };`,
    message: /import type/,
  },
  { where: 'libs/rollout/src', code: `import 'pg';`, message: /what touches the outside/ },
  {
    where: 'libs/observe/src/adapters',
    code: `import { Leases } from '@wheelwright/status/adapters';\nexport { Leases };`,
    message: /off limits: take a port/,
  },
  {
    where: 'libs/source/src',
    code: `export const home = process.env;`,
    message: /Only libs\/platform\/config reads the environment/,
  },
];

describe('the import law', () => {
  const folders: string[] = [];
  let eslint: ESLint;

  beforeAll(() => {
    // Planted files belong to no TypeScript project, so they are linted without types: every rule of the import law works so.
    eslint = new ESLint({
      cwd: ROOT,
      overrideConfig: [{ files: ['**/planted-*/*.ts'], languageOptions: { parserOptions: { project: null } } }],
      ruleFilter: ({ ruleId }) =>
        ruleId.startsWith('no-restricted-') || ruleId === '@typescript-eslint/no-restricted-imports',
    });
  });

  afterAll(async () => {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  });

  async function lint({ where, code }: Planted): Promise<readonly string[]> {
    const folder = await mkdtemp(path.join(ROOT, where, 'planted-'));
    folders.push(folder);
    const file = path.join(folder, 'planted.ts');
    await writeFile(file, `${code}\n`);
    const results = await eslint.lintFiles([file]);
    return results.flatMap((result) => result.messages).map((message) => message.message);
  }

  it.each(VIOLATIONS)('refuses $code in $where', async (planted) => {
    expect(await lint(planted)).toContainEqual(expect.stringMatching(planted.message));
  });

  it('takes the kernel, types of an earlier room and the pure packages', async () => {
    const code = [
      `import { digestOf } from '@wheelwright/kernel';`,
      `import type { Application } from '@wheelwright/intent';`,
      `export const digest = (application: Application): string => digestOf(application.metadata.name);`,
    ].join('\n');
    expect(await lint({ where: 'libs/rollout/src', code, message: /./ })).toEqual([]);
  });
});
