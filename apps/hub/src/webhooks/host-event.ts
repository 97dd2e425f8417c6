// The body of a notification about pull requests or repositories in, the subjects of the index that it concerns out. The body is hostile: anything may be missing.
import { isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import type { Provider } from './payload.js';

/** What changes which pull requests a generator lists, or what it knows of them (`compatibility.md` 2.3; Gitea's names for labels besides). */
const PULL_REQUEST_ACTIONS: Readonly<Record<Provider, ReadonlySet<string>>> = {
  github: new Set(['opened', 'closed', 'reopened', 'labeled', 'unlabeled', 'synchronize', 'synchronized', 'edited']),
  gitea: new Set([
    'opened',
    'closed',
    'reopened',
    'label_updated',
    'label_cleared',
    'labeled',
    'unlabeled',
    'synchronized',
    'edited',
  ]),
  gitlab: new Set(['open', 'close', 'reopen', 'update', 'merge']),
};
const REPOSITORY_ACTIONS = new Set([
  'created',
  'deleted',
  'archived',
  'unarchived',
  'renamed',
  'transferred',
  'project_create',
  'project_destroy',
  'project_rename',
  'project_transfer',
]);
const MAX_TEXT = 1_024;

/** Subjects of the sets that read the pull requests of the repository; none where the event changes no such list. */
export function pullRequestSubjects(provider: Provider, body: JsonValue): readonly string[] {
  if (!isJsonObject(body)) return [];
  const action = provider === 'gitlab' ? textOf(objectOf(body, 'object_attributes'), 'action') : textOf(body, 'action');
  if (!PULL_REQUEST_ACTIONS[provider].has(action)) return [];
  if (provider !== 'gitlab') return subjects(textOf(objectOf(body, 'repository'), 'full_name'));
  const project = objectOf(body, 'project');
  const id = project['id'];
  // A set may name a project of GitLab by its number.
  return subjects(textOf(project, 'path_with_namespace'), ...(typeof id === 'number' ? [String(id)] : []));
}

/** Subjects of the sets that list the repositories of the owner: of each group that the repository lies in. */
export function ownerSubjects(provider: Provider, body: JsonValue): readonly string[] {
  if (!isJsonObject(body)) return [];
  const action = textOf(body, provider === 'gitlab' ? 'event_name' : 'action');
  if (!REPOSITORY_ACTIONS.has(action)) return [];
  const names =
    provider === 'gitlab'
      ? [textOf(body, 'path_with_namespace'), textOf(body, 'old_path_with_namespace')]
      : [textOf(objectOf(body, 'repository'), 'full_name')];
  const owners = names.flatMap((name) => {
    const parts = name.split('/').slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  return subjects(...owners.map((owner) => `${owner}/*`));
}

function subjects(...texts: readonly string[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== '').map((text) => text.toLowerCase()))].sort();
}

function objectOf(object: JsonObject, field: string): JsonObject {
  const value = object[field];
  return isJsonObject(value) ? value : {};
}

function textOf(object: JsonObject, field: string): string {
  const value = object[field];
  return typeof value === 'string' && value.length <= MAX_TEXT ? value : '';
}
