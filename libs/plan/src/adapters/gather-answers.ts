// Questions in, what the spoke says about each object out: a GET, and a server-side dry run where the question holds an object.
import { AppError, apiVersionOf, formatResourceKey, type KubeObject } from '@wheelwright/kernel';
import { fingerprintOfObject } from '@wheelwright/observe';
import { mapBounded, type ApiResource, type SpokeClient } from '@wheelwright/platform-kube';
import { FIELD_MANAGER, type Answer, type Question } from '../index.js';
import { nameFields, type Naming } from './name-fields.js';

export interface GatherOptions {
  readonly signal?: AbortSignal;
  /** Requests at once, default 8; the spoke's own window bounds the sum of all callers. */
  readonly concurrency?: number;
  /** What runs the jq expressions among the rules. Without it they name nothing, and the plan says so. */
  readonly naming?: Naming;
}

const CONCURRENCY = 8;

/**
 * Asks the spoke. An object that the spoke refuses (invalid, immutable field, forbidden) is an answer; everything that says nothing about the
 * object (unreachable, unauthorised, throttled) is thrown, because then there is no answer at all. Answers are keyed by `formatResourceKey`.
 */
export async function gatherAnswers(
  client: SpokeClient,
  questions: readonly Question[],
  options: GatherOptions = {},
): Promise<ReadonlyMap<string, Answer>> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const answers = await mapBounded(questions, options.concurrency ?? CONCURRENCY, async (question) => {
    const resource = await client.resolve(
      { group: question.key.group, version: question.version, kind: question.key.kind },
      call,
    );
    const said = await answer(client, { question, resource, call });
    return [formatResourceKey(question.key), await named(question, said, options.naming)] as const;
  });
  return new Map(answers);
}

async function named({ key }: Question, said: Answer, naming: Naming | undefined): Promise<Answer> {
  return naming === undefined ? said : nameFields(naming, key, said);
}

interface Asked {
  readonly question: Question;
  readonly resource: ApiResource | undefined;
  readonly call: { readonly signal?: AbortSignal };
}

async function answer(client: SpokeClient, { question, resource, call }: Asked): Promise<Answer> {
  if (resource === undefined) return unserved(client, { question, call });
  const { key, object, version } = question;
  const live = await client.get(resource, key, call);
  if (live === undefined) return {};
  const seen: Answer = { live, fingerprint: fingerprintOfObject(key, live.metadata) };
  if (object === undefined) return seen;
  if (resource.version !== version) return { ...seen, refused: wrongVersion(question, resource) };
  try {
    return {
      ...seen,
      dryRun: await client.apply(resource, object, { ...call, fieldManager: FIELD_MANAGER, force: true, dryRun: true }),
    };
  } catch (error) {
    const refused = refusalOf(error);
    if (refused === undefined) throw error;
    const isHelped =
      question.force === true && isInvalid(error) && (await isCreatable(client, { object, resource, call }));
    return { ...seen, refused, ...(isHelped ? { recreatable: true } : {}) };
  }
}

/** The longest name that every kind takes is 63; what is asked about is never made. */
const NAME_LENGTH = 50;

/**
 * Whether an object would be accepted if there were none of its name: asked by a dry run under another name, so that nothing is deleted for the
 * sake of an object that is wrong in itself.
 */
async function isCreatable(
  client: SpokeClient,
  {
    object,
    resource,
    call,
  }: { readonly object: KubeObject; readonly resource: ApiResource; readonly call: Asked['call'] },
): Promise<boolean> {
  const name = `${(object.metadata.name ?? '').slice(0, NAME_LENGTH)}-dry-run`;
  const other: KubeObject = { ...object, metadata: { ...object.metadata, name } };
  try {
    await client.apply(resource, other, { ...call, fieldManager: FIELD_MANAGER, force: true, dryRun: true });
    return true;
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    return false;
  }
}

/** 422: the object, or the change, breaks a rule of its kind. */
function isInvalid(error: unknown): boolean {
  return error instanceof AppError && error.code === 'SpokeRejected' && error.details['status'] === 422;
}

/** A kind that the spoke does not serve has no objects, but only a complete discovery can say that it does not serve it. */
async function unserved(client: SpokeClient, { question, call }: Omit<Asked, 'resource'>): Promise<Answer> {
  const { complete } = await client.discovery(call);
  if (complete) return {};
  throw new AppError(
    'PlanFailed',
    `${formatResourceKey(question.key)} cannot be looked up: the spoke did not list all of its kinds; check its aggregated API services`,
  );
}

function wrongVersion({ key, version }: Question, resource: ApiResource): string {
  return `the spoke does not serve ${key.kind} in ${apiVersionOf({ group: key.group, version })}; it serves ${apiVersionOf(resource)}`;
}

/** The message of an error that is about the object itself; `undefined` for all others. */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof AppError)) return undefined;
  const isForbidden = error.code === 'SpokeUnauthorized' && error.details['status'] === 403;
  return isForbidden || error.code === 'SpokeRejected' || error.code === 'SpokeConflict' ? error.message : undefined;
}
