// The differences of a plan in; who else writes the fields that it would put back, in words, out.
import { parsePointer } from '@wheelwright/kernel';
import type { Plan } from './types.js';

/** Fields that are named for one manager. */
const SHOWN = 3;

/** Such as `kubectl-edit keeps writing spec.replicas of Deployment shop/web`; `undefined` where nobody else owns what differs. */
export function contestText({ entries }: Pick<Plan, 'entries'>): string | undefined {
  const fields = new Map<string, string[]>();
  for (const { key, action, differences } of entries) {
    if (action !== 'update') continue;
    const name = key.namespace === '' ? key.name : `${key.namespace}/${key.name}`;
    for (const { pointer, contestedBy = [] } of differences) {
      for (const manager of contestedBy)
        fields.set(manager, [...(fields.get(manager) ?? []), `${fieldName(pointer)} of ${key.kind} ${name}`]);
    }
  }
  const texts = [...fields].sort(([a], [b]) => (a < b ? -1 : 1)).map(([manager, names]) => sentence(manager, names));
  return texts.length === 0 ? undefined : texts.join('; ');
}

function sentence(manager: string, names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${String(names.length - SHOWN)} more` : '';
  return `${manager} keeps writing ${names.slice(0, SHOWN).join(', ')}${more}`;
}

function fieldName(pointer: string): string {
  return (parsePointer(pointer) ?? [pointer]).join('.');
}
