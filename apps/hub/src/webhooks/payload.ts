// The body of a push notification in, the addresses of the repository and the refs that moved out. The body is hostile: anything may be missing.
import { isJsonObject, parseRepoUrl, type JsonObject, type JsonValue } from '@wheelwright/kernel';

export type Provider = 'github' | 'gitlab' | 'gitea';

/** What a push says, as far as a poll needs it. */
export interface Push {
  /** Every spelling of the repository's address, in normal form, lower-case, sorted. */
  readonly repoURLs: readonly string[];
  /** Full names of the refs that moved. */
  readonly refs: readonly string[];
  /** Empty where the provider does not say. */
  readonly defaultBranch: string;
}

/** What a notification tells of. */
export type EventKind = 'push' | 'pullRequest' | 'repository' | 'other';

const EVENT_HEADERS: readonly (readonly [header: string, provider: Provider])[] = [
  // Gitea sends GitHub's headers too, so its own come first.
  ['x-gitea-event', 'gitea'],
  ['x-gitlab-event', 'gitlab'],
  ['x-github-event', 'github'],
];
const PUSH_EVENTS = new Set(['push', 'create', 'delete', 'push hook', 'tag push hook']);
const ADDRESS_FIELDS = [
  'clone_url',
  'ssh_url',
  'html_url',
  'url',
  'git_http_url',
  'git_ssh_url',
  'http_url',
  'homepage',
  'web_url',
];
const MAX_TEXT = 1_024;

/** Which provider sent a request, and which event it tells of; undefined where the headers say neither. */
export function eventOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): { readonly provider: Provider; readonly kind: EventKind } | undefined {
  for (const [header, provider] of EVENT_HEADERS) {
    const event = headers[header];
    if (typeof event === 'string') return { provider, kind: kindOf(event.toLowerCase()) };
  }
  return undefined;
}

function kindOf(event: string): EventKind {
  if (PUSH_EVENTS.has(event)) return 'push';
  // Gitea has a name of its own for each thing that happens to a pull request.
  if (event === 'merge request hook' || /^pull_request(?:_label|_sync)?$/.test(event)) return 'pullRequest';
  if (event === 'repository' || event === 'system hook') return 'repository';
  return 'other';
}

/** Reads the body of a push; undefined where it names no repository. */
export function parsePush(body: JsonValue): Push | undefined {
  if (!isJsonObject(body)) return undefined;
  const repositories = [body['repository'], body['project']].filter(isJsonObject);
  const addresses = repositories.flatMap((repository) => ADDRESS_FIELDS.map((field) => textOf(repository, field)));
  const repoURLs = [...new Set(addresses.flatMap(spellings))].sort();
  if (repoURLs.length === 0) return undefined;
  const defaultBranch = repositories
    .map((repository) => textOf(repository, 'default_branch'))
    .find((name) => name !== '');
  const ref = textOf(body, 'ref');
  return {
    repoURLs,
    refs: ref === '' ? [] : fullNames(ref, textOf(body, 'ref_type')),
    defaultBranch: defaultBranch ?? '',
  };
}

/** The revisions, as users write them, that a push may move. */
export function revisionsOf(push: Push): readonly string[] {
  return push.refs.flatMap((ref) => {
    const short = ref.replace(/^refs\/(?:heads|tags)\//, '');
    const isDefault = push.defaultBranch === '' || ref === `refs/heads/${push.defaultBranch}`;
    return isDefault ? [ref, short, 'HEAD', ''] : [ref, short];
  });
}

function textOf(object: JsonObject, field: string): string {
  const value = object[field];
  return typeof value === 'string' && value.length <= MAX_TEXT ? value : '';
}

/** Events that create or delete a ref name it without its folder. */
function fullNames(ref: string, type: string): readonly string[] {
  if (ref.startsWith('refs/')) return [ref];
  return type === 'tag' ? [`refs/tags/${ref}`] : [`refs/heads/${ref}`];
}

/** Users may write the same repository with another transport than the provider names. */
function spellings(address: string): readonly string[] {
  if (address === '') return [];
  try {
    const { url, scheme, host, path } = parseRepoUrl(address);
    // A `file` repository is known only where insecure ones are allowed; elsewhere the address matches nothing.
    const plain =
      scheme === 'ssh' || scheme === 'file'
        ? []
        : [`https://${host}${path}`, `http://${host}${path}`, `ssh://git@${host}${path}`];
    return [url, ...plain].map((text) => text.toLowerCase());
  } catch {
    // Not an address that an Application could name.
    return [];
  }
}
