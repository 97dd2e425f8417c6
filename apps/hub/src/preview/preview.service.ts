// Sets by name or as documents in, what workers say they would come to out. Nothing is written for it but the question.
import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '@wheelwright/access';
import type { PreviewRequest, SetPreview } from '@wheelwright/expand';
import { PreviewDesk } from '@wheelwright/expand/adapters';
import { parseDocuments, type ApplicationSet, type ParsedObject } from '@wheelwright/intent';
import { AppError, parseRepoUrl } from '@wheelwright/kernel';
import { refusal } from '../apply/refusal.js';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { assertMayPreviewSet, assertMayPreviewText, previewFor } from '../tenancy/preview-access.js';

/** What a caller asks. Exactly one of `name` and `documents`. */
export interface PreviewQuestion {
  readonly name?: string;
  /** YAML or JSON with at least one ApplicationSet; other kinds in it are read and not previewed. */
  readonly documents?: string;
  readonly revision?: string;
  readonly repoURL?: string;
}

/** Sets of one text. */
const MOST_SETS = 20;
/** A repository that was never read before has to be cloned for it. */
const DEADLINE_MS = 30_000;

@Injectable()
export class PreviewService {
  readonly #desk: PreviewDesk;

  constructor(@Inject(HUB_PARTS) private readonly parts: HubParts) {
    this.#desk = new PreviewDesk(parts);
  }

  /**
   * Previews each set, in the order of the text. Documents make the hub read what they name, so they need the right to apply them. Throws
   * Forbidden, InvalidRequest, InvalidDocument, NotFound, Unavailable, and whatever makes an expansion fail.
   */
  async preview(question: PreviewQuestion, actor: Actor): Promise<readonly SetPreview[]> {
    const requests = await this.requestsOf(question, actor);
    return Promise.all(requests.map((request) => this.ask(request, actor, DEADLINE_MS)));
  }

  /** Asks for one preview. */
  async ask(request: PreviewRequest, actor: Actor, deadlineMs: number): Promise<SetPreview> {
    return previewFor(actor, await this.#desk.ask(request, { actor: actor.name, deadlineMs }));
  }

  private async requestsOf(question: PreviewQuestion, actor: Actor): Promise<readonly PreviewRequest[]> {
    const { name, documents } = question;
    const options = placeOf(question);
    if (name !== undefined && documents === undefined) {
      await assertMayPreviewSet(this.parts.store, actor, name);
      return [{ set: { name }, ...options }];
    }
    if (documents === undefined || name !== undefined)
      throw new AppError('InvalidRequest', 'Give the name of a set, or the YAML of sets, and not both');
    const placed = placedObjects(documents);
    await assertMayPreviewText(this.parts.store, actor, placed);
    return setsOf(placed).map((set) => ({ set, ...options }));
  }
}

function placeOf(where: PreviewQuestion): Pick<PreviewRequest, 'revision' | 'repoURL'> {
  if (where.repoURL !== undefined && where.revision === undefined)
    throw new AppError('InvalidRequest', 'repoURL says where revision is: give both, or revision alone');
  return {
    ...(where.revision === undefined ? {} : { revision: where.revision }),
    ...(where.repoURL === undefined ? {} : { repoURL: parseRepoUrl(where.repoURL).url }),
  };
}

function placedObjects(documents: string): readonly ParsedObject[] {
  const { placed, faults } = parseDocuments(documents);
  if (faults.length > 0) throw refusal(faults);
  return placed;
}

function setsOf(placed: readonly ParsedObject[]): readonly ApplicationSet[] {
  const sets = placed.flatMap(({ object }) => (object.kind === 'ApplicationSet' ? [object.object] : []));
  if (sets.length === 0) throw new AppError('InvalidRequest', 'The text holds no ApplicationSet to preview');
  if (sets.length > MOST_SETS)
    throw new AppError(
      'InvalidRequest',
      `The text holds ${String(sets.length)} sets: preview at most ${String(MOST_SETS)} at once`,
    );
  return sets;
}
