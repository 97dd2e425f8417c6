// Which previews a project role may ask for, and what is left out of the answer: the rest of the hub is none of its business.
import { decide, isRole, type Actor } from '@wheelwright/access';
import type { SetPreview } from '@wheelwright/expand';
import type { ApplicationSet, ParsedObject } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import { projectEscapes } from './confined-set.js';
import { assertMayDeclare } from './declared-objects.js';
import { assertMay } from './named-object.js';

/** Of a declared set. Throws `NotFound` where the caller may not see it, `Forbidden` where it can generate into other projects. */
export async function assertMayPreviewSet(store: Pick<Store, 'tx'>, actor: Actor, name: string): Promise<void> {
  const { rights } = actor;
  if (isRole(actor.role)) return;
  await store.tx(async (client) => {
    await assertMay(client, actor, { resource: 'applicationsets', verb: 'get', name });
    const { rows } = await client.query<Pick<ApplicationSet, 'spec'>>(
      'SELECT spec FROM application_sets WHERE name = $1',
      [name],
    );
    const metadata = { name, namespace: '', labels: {}, annotations: {}, finalizers: [] };
    const escapes = rows.flatMap(({ spec }) => projectEscapes({ metadata, spec }, rights?.project ?? ''));
    const [first] = escapes;
    if (first !== undefined)
      throw new AppError(
        'Forbidden',
        `Not allowed: the set can generate Applications of other projects (${first.pointer}); ask an administrator`,
      );
  });
}

/** Of a text: a preview makes the hub read what the text names, so it needs the right to apply it. Throws `Forbidden`. */
export async function assertMayPreviewText(
  store: Pick<Store, 'tx'>,
  actor: Actor,
  placed: readonly ParsedObject[],
): Promise<void> {
  const decision = decide(actor, 'intent:apply');
  if (!decision.allowed) throw new AppError('Forbidden', `Not allowed: ${decision.reason}`);
  if (!isRole(actor.role)) await store.tx((client) => assertMayDeclare(client, actor, placed));
}

/** To a project role a name that is taken is taken, whoever has it. */
export function previewFor(actor: Actor, preview: SetPreview): SetPreview {
  if (isRole(actor.role)) return preview;
  const taken = 'the name is not free';
  const refused = new Set(preview.applications.flatMap(({ name, reason }) => (reason === undefined ? [] : [name])));
  return {
    ...preview,
    applications: preview.applications.map((each) => (each.reason === undefined ? each : { ...each, reason: taken })),
    handedOver: preview.handedOver.map(({ name }) => ({ name, set: '' })),
    issues: preview.issues.map((issue) => {
      const { application } = issue;
      const isTaken = application !== undefined && (issue.code === 'NameTaken' || refused.has(application));
      return isTaken ? { ...issue, message: `${application} is not written: ${taken}` } : issue;
    }),
  };
}
