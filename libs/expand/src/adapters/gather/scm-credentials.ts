// References of a generator in, the texts that they mean out: of Secrets and ConfigMaps in the namespace of the set.
import type { BasicAuthRef, BearerTokenRef, ConfigMapKeyRef, SecretKeyRef } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import type { GitHubAppCredentials } from '@wheelwright/platform-scm';
import type { InputReader } from './parts.js';

const HOW = {
  Secret: 'apply it to the hub with the label argocd.argoproj.io/secret-type: scm-creds',
  ConfigMap: 'apply it to the hub with the label wheelwright.dev/generator-input: "true"',
} as const;

/** Resolves references. What is missing throws ExpandFailed, which names the object, the key and how to apply it; never a text. */
export class InputTexts {
  constructor(
    private readonly inputs: InputReader,
    private readonly namespace: string,
  ) {}

  /** All texts of a ConfigMap or Secret. */
  async all(kind: 'ConfigMap' | 'Secret', name: string): Promise<Readonly<Record<string, string>>> {
    const texts = await this.inputs.read({ kind, name, namespace: this.namespace });
    if (texts !== undefined) return texts;
    throw new AppError('ExpandFailed', `The ${kind} ${name} is not in the namespace ${this.namespace}: ${HOW[kind]}`);
  }

  /** The text of a Secret, without the white space around it: a header could not hold a line end. `undefined` where none is named. */
  async secret(ref: SecretKeyRef | undefined): Promise<string | undefined> {
    return ref === undefined ? undefined : (await this.#text('Secret', ref.secretName, ref.key)).trim();
  }

  /** A certificate of a ConfigMap; `undefined` where none is named. */
  async certificate(ref: ConfigMapKeyRef | undefined): Promise<string | undefined> {
    return ref === undefined ? undefined : this.#text('ConfigMap', ref.configMapName, ref.key);
  }

  /** User and password, or a token, as the generator names them; empty where it names none. */
  async login(from: {
    readonly basicAuth?: BasicAuthRef;
    readonly bearerToken?: BearerTokenRef;
  }): Promise<{ readonly bearerToken?: string } | { readonly basicAuth: { username: string; password: string } }> {
    const bearerToken = await this.secret(from.bearerToken?.tokenRef);
    if (bearerToken !== undefined) return { bearerToken };
    const password = await this.secret(from.basicAuth?.passwordRef);
    if (password === undefined) return {};
    return { basicAuth: { username: from.basicAuth?.username ?? '', password } };
  }

  /** A GitHub App, of a Secret with the keys that credentials of repositories have; `api`: the address that the Secret gives. */
  async gitHubApp(name: string): Promise<{ readonly app: GitHubAppCredentials; readonly api?: string }> {
    const api = (await this.all('Secret', name))['githubAppEnterpriseBaseUrl'];
    const app = {
      appId: (await this.#text('Secret', name, 'githubAppID')).trim(),
      installationId: (await this.#text('Secret', name, 'githubAppInstallationID')).trim(),
      privateKey: await this.#text('Secret', name, 'githubAppPrivateKey'),
    };
    return { app, ...(api === undefined || api === '' ? {} : { api }) };
  }

  async #text(kind: 'ConfigMap' | 'Secret', name: string, key: string): Promise<string> {
    const texts = await this.all(kind, name);
    const text = Object.hasOwn(texts, key) ? texts[key] : undefined;
    if (text !== undefined && text.trim() !== '') return text;
    const what = text === undefined ? `has no key ${key}` : `holds nothing under the key ${key}`;
    throw new AppError(
      'ExpandFailed',
      `The ${kind} ${name} in the namespace ${this.namespace} ${what}: apply it again`,
    );
  }
}
