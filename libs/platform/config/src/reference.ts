// The variables in, the reference page out.
import { NAMES_BY_PROCESS } from './load.js';
import { VARIABLES, type Variable } from './variables.js';

/** `docs/reference/environment.md`, generated: a spec compares it with the file. */
export function environmentReference(): string {
  const rows = Object.entries(VARIABLES).map(([name, variable]: [string, Variable<unknown>]) => {
    const processes = Object.entries(NAMES_BY_PROCESS)
      .filter(([, names]) => names.some((other) => other === name))
      .map(([process]) => process);
    return `| \`${variable.env}\` | ${processes.join(', ')} | ${defaultOf(variable)} | ${variable.description} |`;
  });
  return [
    '# Environment variables',
    '',
    'Generated from `libs/platform/config/src/variables.ts` by `UPDATE_GOLDEN=1 npx vitest run libs/platform/config`.',
    'All problems are reported together when a process starts, and no value is ever printed. Durations are written as `30s` or `1m30s`.',
    '',
    '| Variable | Read by | Default | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function defaultOf(variable: Variable<unknown>): string {
  if (variable.required === true) return 'required';
  return variable.default === undefined || variable.default === '' ? 'none' : `\`${variable.default}\``;
}
