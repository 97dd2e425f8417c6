// One element of `generators` in, the ConfigMaps and Secrets that its expansion reads out.
import type {
  BasicAuthRef,
  BearerTokenRef,
  ConfigMapKeyRef,
  LeafGenerator,
  PullRequestGenerator,
  ScmProviderGenerator,
  SecretKeyRef,
} from './types.js';

/** A ConfigMap or Secret in the namespace of the set. */
export interface InputRef {
  readonly kind: 'ConfigMap' | 'Secret';
  /** Empty where another generator fills it in: any of that kind. */
  readonly name: string;
}

/**
 * What the generators of one element name, those of its children left out: each once and in order. The Secret with the token of a plugin is
 * named by the plugin's ConfigMap, not by the set, and so is not among them.
 */
export function inputRefsOf(element: LeafGenerator): readonly InputRef[] {
  const { scmProvider, pullRequest, clusterDecisionResource, plugin } = element;
  const refs = [
    ...(scmProvider === undefined ? [] : ofScmProvider(scmProvider)),
    ...(pullRequest === undefined ? [] : ofPullRequest(pullRequest)),
    ...(clusterDecisionResource === undefined ? [] : [configMap(clusterDecisionResource.configMapRef)]),
    ...(plugin === undefined ? [] : [configMap(plugin.configMapRef.name)]),
  ];
  const byKey = new Map(refs.map((ref) => [inputSubject(ref), ref]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}

/** The subject of a dependency row of kind `input`: `<kind>/<namespace>/<name>`; the namespace is that of the set. */
export function inputSubject({ kind, name }: InputRef, namespace = ''): string {
  return `${kind}/${namespace}/${name}`;
}

function ofScmProvider(generator: ScmProviderGenerator): readonly InputRef[] {
  const { github, gitlab, gitea, bitbucketServer, bitbucket, azureDevOps } = generator;
  return [
    ...app(github?.appSecretName),
    ...secrets(
      github?.tokenRef,
      gitlab?.tokenRef,
      gitea?.tokenRef,
      bitbucket?.appPasswordRef,
      azureDevOps?.accessTokenRef,
    ),
    ...login(bitbucketServer),
    ...authorities(gitlab?.caRef, bitbucketServer?.caRef),
  ];
}

function ofPullRequest(generator: PullRequestGenerator): readonly InputRef[] {
  const { github, gitlab, gitea, bitbucketServer, bitbucket, azuredevops } = generator;
  return [
    ...app(github?.appSecretName),
    ...secrets(github?.tokenRef, gitlab?.tokenRef, gitea?.tokenRef, azuredevops?.tokenRef),
    ...login(bitbucketServer),
    ...login(bitbucket),
    ...authorities(gitlab?.caRef, bitbucketServer?.caRef),
  ];
}

function app(name = ''): readonly InputRef[] {
  return name === '' ? [] : [{ kind: 'Secret', name: fixed(name) }];
}

function login(
  provider: { readonly basicAuth?: BasicAuthRef; readonly bearerToken?: BearerTokenRef } | undefined,
): readonly InputRef[] {
  return secrets(provider?.basicAuth?.passwordRef, provider?.bearerToken?.tokenRef);
}

function secrets(...refs: readonly (SecretKeyRef | undefined)[]): readonly InputRef[] {
  return refs.flatMap((ref) => (ref === undefined ? [] : [{ kind: 'Secret', name: fixed(ref.secretName) }]));
}

function authorities(...refs: readonly (ConfigMapKeyRef | undefined)[]): readonly InputRef[] {
  return refs.flatMap((ref) => (ref === undefined ? [] : [configMap(ref.configMapName)]));
}

function configMap(name: string): InputRef {
  return { kind: 'ConfigMap', name: fixed(name) };
}

function fixed(name: string): string {
  return name.includes('{{') ? '' : name;
}
