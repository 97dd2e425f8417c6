// Sets of a text in, what is wrong with them and what they would come to out.
import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '@wheelwright/access';
import { failureUnread, lintUnread, type ExpandIssue, type PreviewCounts, type SetPreview } from '@wheelwright/expand';
import type { ApplicationSet, CatalogueObject, ParsedObject } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import { PreviewService } from '../preview/preview.service.js';
import type { ApplyWarning } from './apply.service.js';

/** What one set would come to. */
export interface SetOutlook {
  readonly set: string;
  readonly exists: boolean;
  readonly counts: PreviewCounts;
  /** Why the removal of Applications would wait for an approval. */
  readonly held: string | null;
}

/** Sets of one text that are tried out. */
const MOST_SETS = 20;
/** Somebody waits for the answer of a dry run. */
const DEADLINE_MS = 15_000;

interface PlacedSet {
  readonly set: ApplicationSet;
  readonly placed: ParsedObject;
}

/** What can be said about a set without reading anything, also why it cannot be expanded at all: located, so that its author finds it. */
export function lintOf(placed: ParsedObject): readonly ApplyWarning[] {
  const { object } = placed;
  if (object.kind !== 'ApplicationSet') return [];
  const failure = failureUnread(object.object);
  const pointer = failure?.faults[0]?.pointer ?? '/spec';
  const issues: readonly ExpandIssue[] = [
    ...(failure === undefined
      ? []
      : [{ severity: 'error' as const, code: failure.code, message: failure.message, pointer }]),
    ...lintUnread(object.object),
  ];
  return issues.map((issue) => located(issue, placed));
}

/** Tries out the sets of a text that is applied as a dry run. */
@Injectable()
export class SetOutlooks {
  constructor(@Inject(PreviewService) private readonly previews: PreviewService) {}

  /** What each set would come to, with every issue. A set that cannot be tried out is a warning: the dry run itself went well. */
  async of(
    placed: readonly ParsedObject[],
    actor: Actor,
  ): Promise<{ readonly previews: readonly SetOutlook[]; readonly warnings: readonly ApplyWarning[] }> {
    const sets = placed.flatMap((each): readonly PlacedSet[] =>
      each.object.kind === 'ApplicationSet' ? [{ set: each.object.object, placed: each }] : [],
    );
    const along = placed.flatMap(({ object }): readonly CatalogueObject[] =>
      object.kind === 'AppProject' || object.kind === 'Application' ? [object] : [],
    );
    const tried = await Promise.all(sets.slice(0, MOST_SETS).map((each) => this.tryOut(each, { along, actor })));
    const rest = sets.slice(MOST_SETS).map(({ set, placed: { place } }) => ({
      ...place,
      message: `ApplicationSet ${set.metadata.name} was not tried out: only the first ${String(MOST_SETS)} of a text are`,
    }));
    return {
      previews: tried.flatMap(({ outlook }) => (outlook === undefined ? [] : [outlook])),
      warnings: [...tried.flatMap(({ warnings }) => warnings), ...rest],
    };
  }

  private async tryOut(
    { set, placed }: PlacedSet,
    { along, actor }: { readonly along: readonly CatalogueObject[]; readonly actor: Actor },
  ): Promise<{ readonly outlook?: SetOutlook; readonly warnings: readonly ApplyWarning[] }> {
    try {
      const preview = await this.previews.ask({ set, along }, actor, DEADLINE_MS);
      return { outlook: outlookOf(preview), warnings: preview.issues.map((issue) => located(issue, placed)) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const message = `ApplicationSet ${set.metadata.name} could not be tried out: ${error.message}`;
      return { warnings: [{ ...placed.place, code: error.code, message }] };
    }
  }
}

function outlookOf({ set, exists, counts, held }: SetPreview): SetOutlook {
  return { set, exists, counts, held };
}

function located({ code, message, pointer }: ExpandIssue, { object, locate }: ParsedObject): ApplyWarning {
  const name = object.kind === 'ApplicationSet' ? `ApplicationSet ${object.object.metadata.name}: ` : '';
  return { ...locate(pointer), code, message: `${name}${message}` };
}
