// One text of declared objects in, the catalogue and the registry brought into line in one transaction out.
import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '@wheelwright/access';
import {
  parseDocuments,
  type CatalogueObject,
  type DocumentFault,
  type GeneratorInput,
  type ParsedObject,
} from '@wheelwright/intent';
import { Catalogue, GeneratorInputs, type ApplyResult } from '@wheelwright/intent/adapters';
import { AppError, isJsonObject, type JsonObject } from '@wheelwright/kernel';
import { Store, type PoolClient } from '@wheelwright/platform-store';
import {
  hubFactsOfSecret,
  registrationOfSecret,
  IN_CLUSTER_NAME,
  type ClusterRegistration,
  type HubFacts,
} from '@wheelwright/registry';
import { applyHubFacts, ClusterStore } from '@wheelwright/registry/adapters';
import { addressRulesOf } from '../clusters/address-rules.js';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { assertMayDeclare } from '../tenancy/declared-objects.js';
import { assertPermitted } from './permitted.js';
import { refusal } from './refusal.js';
import { changingSettings, warningsOfSettings } from './settings.js';
import { lintOf, SetOutlooks, type SetOutlook } from './set-outlooks.js';

/** What became of one object, in the order of the text. A cluster Secret answers as `Cluster`. */
export interface AppliedEntry {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly result: ApplyResult;
}

/** Something that its author should look at; where it is known, with its place in the text. `code`: that of an issue of a set. */
export interface ApplyWarning {
  readonly code?: string;
  readonly message: string;
  readonly document?: number;
  readonly line?: number;
  readonly pointer?: string;
}

export interface ApplyAnswer {
  readonly dryRun: boolean;
  readonly objects: readonly AppliedEntry[];
  readonly warnings: readonly ApplyWarning[];
  /** With `dryRun`: what each set of the text would come to, in counts. `POST /api/v1/preview` lists it. */
  readonly previews: readonly SetOutlook[];
}

/** What one object of the text asks for. */
type Wish =
  | { readonly kind: 'catalogue'; readonly object: CatalogueObject }
  | { readonly kind: 'input'; readonly input: GeneratorInput }
  | { readonly kind: 'cluster'; readonly registration: ClusterRegistration }
  | { readonly kind: 'hub'; readonly facts: HubFacts; readonly place: ParsedObject['place'] };

@Injectable()
export class ApplyService {
  constructor(
    @Inject(Store) private readonly store: Store,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(ClusterStore) private readonly clusters: ClusterStore,
    @Inject(SetOutlooks) private readonly outlooks: SetOutlooks,
    @Inject(HUB_PARTS) private readonly parts: HubParts,
  ) {}

  /**
   * Applies a text: all of it or nothing. `InvalidDocument` or `UnsupportedKind` (only that) with every fault that was found; `Conflict` where
   * an object belongs to somebody else, `Forbidden` where the caller's role may not declare one. With `dryRun` everything is done and taken back.
   */
  async apply(text: string, options: { readonly dryRun: boolean; readonly actor: Actor }): Promise<ApplyAnswer> {
    const parsed = parseDocuments(text);
    const faults: DocumentFault[] = [...parsed.faults];
    const wishes = parsed.placed.map((placed) => this.wishOf(placed, faults));
    if (faults.length > 0) throw refusal(faults);
    const lint = parsed.placed.flatMap(lintOf);
    const { objects, warnings } = await this.store.tx(async (client) => {
      const checkNewness = await assertMayDeclare(client, options.actor, parsed.placed);
      if (options.dryRun) await client.query('SAVEPOINT dry_run_apply');
      const answer = await this.write(client, wishes);
      checkNewness(answer.objects);
      await assertPermitted(client, parsed.placed);
      if (!options.dryRun) return answer;
      await client.query('ROLLBACK TO SAVEPOINT dry_run_apply');
      return answer;
    });
    const outlooks = options.dryRun
      ? await this.outlooks.of(parsed.placed, options.actor)
      : { previews: [], warnings: [] };
    return {
      dryRun: options.dryRun,
      objects,
      warnings: distinct([...parsed.warnings, ...warnings, ...lint, ...outlooks.warnings]),
      previews: outlooks.previews,
    };
  }

  private wishOf({ object, place, locate }: ParsedObject, faults: DocumentFault[]): Wish | undefined {
    if (object.kind === 'GeneratorInput') return { kind: 'input', input: object.input };
    if (object.kind !== 'ClusterSecret') return { kind: 'catalogue', object };
    try {
      const facts = hubFactsOfSecret(object.raw);
      if (facts !== undefined) return { kind: 'hub', facts, place };
      return { kind: 'cluster', registration: registrationOfSecret(object.raw, addressRulesOf(this.parts.config)) };
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'InvalidDocument') throw error;
      const found = error.faults.map(({ pointer, message }) => ({
        ...locate(asWritten(object.raw, pointer)),
        code: 'InvalidDocument' as const,
        message,
      }));
      faults.push(
        ...(found.length > 0 ? found : [{ ...place, code: 'InvalidDocument' as const, message: error.message }]),
      );
      return undefined;
    }
  }

  /** Clusters and inputs first: an Application or a set of the same text may name one of them. */
  private async write(
    client: PoolClient,
    wishes: readonly (Wish | undefined)[],
  ): Promise<Pick<ApplyAnswer, 'objects' | 'warnings'>> {
    const entries = new Map<Wish, AppliedEntry>();
    for (const wish of wishes) {
      if (wish === undefined || wish.kind === 'catalogue') continue;
      if (wish.kind === 'input') {
        const { input } = wish;
        const { kind, metadata } = input;
        const inputs = new GeneratorInputs(this.parts.sealer);
        const result = await changingSettings(client, input, () => inputs.apply(client, input));
        entries.set(wish, { kind, name: metadata.name, namespace: metadata.namespace, result });
        continue;
      }
      const isHub = wish.kind === 'hub';
      const name = isHub ? wish.facts.name || IN_CLUSTER_NAME : wish.registration.name;
      const result = isHub
        ? await applyHubFacts(client, wish.facts)
        : await this.clusters.apply(client, wish.registration);
      entries.set(wish, { kind: 'Cluster', name, namespace: '', result });
    }
    const declared = wishes.flatMap((wish) => (wish?.kind === 'catalogue' ? [wish] : []));
    const applied = await this.catalogue.applyObjects(
      client,
      declared.map(({ object }) => object),
      { dryRun: false },
    );
    for (const [index, wish] of declared.entries()) {
      const entry = applied[index];
      if (entry !== undefined)
        entries.set(wish, { kind: entry.kind, name: entry.name, namespace: entry.namespace, result: entry.result });
    }
    return {
      objects: wishes.flatMap((wish) => (wish === undefined ? [] : (entries.get(wish) ?? []))),
      warnings: [
        ...wishes.flatMap((wish) => (wish?.kind === 'input' ? warningsOfSettings(wish.input) : [])),
        ...wishes.flatMap((wish) => (wish?.kind === 'hub' ? warningsOfHub(wish.facts, wish.place) : [])),
        ...applied.flatMap(({ kind, name, warnings }) =>
          warnings.map((message) => ({ message: `${kind} ${name}: ${message}` })),
        ),
      ],
    };
  }
}

function warningsOfHub({ warnings }: HubFacts, place: ParsedObject['place']): readonly ApplyWarning[] {
  return warnings.map((message) => ({ ...place, message: `the cluster Secret is about the hub itself: ${message}` }));
}

/** One thing at one place is said once. */
function distinct(warnings: readonly ApplyWarning[]): readonly ApplyWarning[] {
  const keyOf = ({ code, message, document, pointer }: ApplyWarning): string =>
    JSON.stringify([code ?? message, document, pointer]);
  return [...new Map([...warnings].reverse().map((warning) => [keyOf(warning), warning])).values()].reverse();
}

/** The registry reads `stringData` as `data`; a fault leads to where its author wrote it. */
function asWritten(secret: JsonObject, pointer: string): string {
  const { stringData } = secret;
  const field = /^\/data\/([^/]+)/.exec(pointer)?.[1];
  const isText = field !== undefined && isJsonObject(stringData) && Object.hasOwn(stringData, field);
  return isText ? pointer.replace('/data/', '/stringData/') : pointer;
}
