// The schemas of the generators that ask Git hosts: scmProvider and pullRequest (`compatibility.md` 2.3).
import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { z } from 'zod';
import { template } from './schema-application.js';
import { closed, filledText, flag, jsonObject, listOf, text, textMap, texts, wholeNumber } from './schema-parts.js';

/** Longer patterns are refused: nobody writes them, and compiling them costs. */
const MAX_PATTERN_LENGTH = 1_000;

/** What generators that ask somebody else share. */
export const asking = {
  requeueAfterSeconds: wholeNumber.min(0, 'must be 0 or more').nullish(),
  values: textMap.nullish(),
  template: template.nullish(),
};

/** A text that parameters of an outer matrix are still put into: what it will be cannot be judged yet. */
function isTemplated(value: string): boolean {
  return value.includes('{{');
}

/** A regular expression of Go, found anywhere in a text. */
const pattern = text
  .max(MAX_PATTERN_LENGTH, `is longer than ${String(MAX_PATTERN_LENGTH)} characters`)
  .superRefine((value, context) => {
    if (isTemplated(value)) return;
    try {
      RE2JS.compile(value);
    } catch (cause) {
      // Its description without the pattern: a message repeats no value.
      const reason = cause instanceof RE2JSSyntaxException ? `: ${cause.getDescription()}` : '';
      context.addIssue({ code: 'custom', message: `is not a regular expression that Go reads${reason}` });
    }
  });

const secretKeyRef = closed({ secretName: filledText, key: filledText });
const configMapKeyRef = closed({ configMapName: filledText, key: filledText });
const basicAuth = closed({ username: text, passwordRef: secretKeyRef });
const bearerToken = closed({ tokenRef: secretKeyRef });

const SCM_PROVIDERS = [
  'github',
  'gitlab',
  'gitea',
  'bitbucketServer',
  'bitbucket',
  'azureDevOps',
  'awsCodeCommit',
] as const;
const PULL_REQUEST_PROVIDERS = ['github', 'gitlab', 'gitea', 'bitbucketServer', 'bitbucket', 'azuredevops'] as const;

/** Says which providers there are where not exactly one is given: a second one would never be asked. */
function exactlyOne(providers: readonly string[]): (value: object, context: z.RefinementCtx) => void {
  return (value, context) => {
    const given = providers.filter((provider) => Object.hasOwn(value, provider));
    if (given.length === 1) return;
    const what = given.length === 0 ? 'names no provider' : `names several providers (${given.join(', ')})`;
    context.addIssue({ code: 'custom', message: `${what}: give exactly one of ${providers.join(', ')}` });
  };
}

export const scmProvider = closed({
  ...asking,
  github: closed({
    organization: filledText,
    api: text.nullish(),
    tokenRef: secretKeyRef.nullish(),
    appSecretName: text.nullish(),
    allBranches: flag.nullish(),
  }).nullish(),
  gitlab: closed({
    group: filledText,
    includeSubgroups: flag.nullish(),
    includeSharedProjects: flag.nullish(),
    includeArchivedRepos: flag.nullish(),
    api: text.nullish(),
    tokenRef: secretKeyRef.nullish(),
    allBranches: flag.nullish(),
    insecure: flag.nullish(),
    caRef: configMapKeyRef.nullish(),
    topic: text.nullish(),
  }).nullish(),
  gitea: closed({
    owner: filledText,
    api: filledText,
    tokenRef: secretKeyRef.nullish(),
    allBranches: flag.nullish(),
    insecure: flag.nullish(),
  }).nullish(),
  bitbucketServer: closed({
    project: filledText,
    api: filledText,
    basicAuth: basicAuth.nullish(),
    bearerToken: bearerToken.nullish(),
    allBranches: flag.nullish(),
    insecure: flag.nullish(),
    caRef: configMapKeyRef.nullish(),
  }).nullish(),
  bitbucket: closed({
    owner: filledText,
    user: text,
    appPasswordRef: secretKeyRef.nullish(),
    allBranches: flag.nullish(),
  }).nullish(),
  azureDevOps: closed({
    organization: filledText,
    api: text.nullish(),
    teamProject: filledText,
    accessTokenRef: secretKeyRef.nullish(),
    allBranches: flag.nullish(),
  }).nullish(),
  awsCodeCommit: jsonObject.nullish(),
  filters: listOf(
    closed({
      repositoryMatch: pattern.nullish(),
      pathsExist: texts.nullish(),
      pathsDoNotExist: texts.nullish(),
      labelMatch: pattern.nullish(),
      branchMatch: pattern.nullish(),
    }),
  ).nullish(),
  cloneProtocol: text
    .refine((value) => ['', 'ssh', 'https'].includes(value) || isTemplated(value), 'must be ssh or https')
    .nullish(),
}).superRefine(exactlyOne(SCM_PROVIDERS));

export const pullRequest = closed({
  ...asking,
  github: closed({
    owner: filledText,
    repo: filledText,
    api: text.nullish(),
    tokenRef: secretKeyRef.nullish(),
    appSecretName: text.nullish(),
    labels: texts.nullish(),
  }).nullish(),
  gitlab: closed({
    project: filledText,
    api: text.nullish(),
    tokenRef: secretKeyRef.nullish(),
    labels: texts.nullish(),
    pullRequestState: text.nullish(),
    insecure: flag.nullish(),
    caRef: configMapKeyRef.nullish(),
  }).nullish(),
  gitea: closed({
    owner: filledText,
    repo: filledText,
    api: filledText,
    tokenRef: secretKeyRef.nullish(),
    labels: texts.nullish(),
    insecure: flag.nullish(),
  }).nullish(),
  bitbucketServer: closed({
    project: filledText,
    repo: filledText,
    api: filledText,
    basicAuth: basicAuth.nullish(),
    bearerToken: bearerToken.nullish(),
    insecure: flag.nullish(),
    caRef: configMapKeyRef.nullish(),
  }).nullish(),
  bitbucket: closed({
    owner: filledText,
    repo: filledText,
    api: text.nullish(),
    basicAuth: basicAuth.nullish(),
    bearerToken: bearerToken.nullish(),
  }).nullish(),
  azuredevops: closed({
    organization: filledText,
    project: filledText,
    repo: filledText,
    api: text.nullish(),
    tokenRef: secretKeyRef.nullish(),
    labels: texts.nullish(),
  }).nullish(),
  filters: listOf(
    closed({
      branchMatch: pattern.nullish(),
      targetBranchMatch: pattern.nullish(),
      titleMatch: pattern.nullish(),
    }),
  ).nullish(),
  continueOnRepoNotFoundError: flag.nullish(),
}).superRefine(exactlyOne(PULL_REQUEST_PROVIDERS));
