// Placed Applications of a text in; nothing, or the error that names each one that its project does not permit, out.
import type { Application, ParsedObject } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import { deniedApplications } from '@wheelwright/policy/adapters';
import type { PoolClient } from 'pg';

/**
 * Asks in the transaction of the apply, so that projects and spokes of the same text count. Throws PolicyDenied; the caller rolls back. What a
 * project that comes later would say, the worker says.
 */
export async function assertPermitted(client: PoolClient, placed: readonly ParsedObject[]): Promise<void> {
  const byName = new Map<string, ParsedObject>();
  const applications: Application[] = [];
  for (const each of placed) {
    if (each.object.kind !== 'Application') continue;
    byName.set(each.object.object.metadata.name, each);
    applications.push(each.object.object);
  }
  const denials = await deniedApplications(client, applications);
  const [first] = denials;
  if (first === undefined) return;
  const more = denials.length > 1 ? ` (and ${String(denials.length - 1)} more)` : '';
  throw new AppError('PolicyDenied', `Nothing was applied: Application ${first.name}: ${first.message}${more}`, {
    faults: denials.map(({ name, message }) => {
      const place = byName.get(name)?.locate('/spec');
      return { pointer: place?.pointer ?? '', message, ...(place === undefined ? {} : { line: place.line }) };
    }),
  });
}
