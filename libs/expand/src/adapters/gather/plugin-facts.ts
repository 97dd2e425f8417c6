// What a plugin is asked in, the parameters that it answers out.
import { AppError, isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import type { PluginAnswer, PluginRequest } from '../../facts.js';
import type { GathererParts } from './parts.js';
import { InputTexts } from './scm-credentials.js';
import { withSourceFailed } from './scm-facts.js';

/** The Secret that `$key` means, as in Argo CD. */
const DEFAULT_SECRET = 'argocd-secret';
const DEFAULT_TIMEOUT_S = 30;
const MAX_TIMEOUT_S = 120;
const MAX_SETS = 50_000;

/** Asks the plugin. Throws ExpandFailed where its ConfigMap or its answer cannot be used, and SourceFailed where it does not answer. */
export async function pluginFacts(
  { inputs, scm }: Pick<GathererParts, 'inputs' | 'scm'>,
  request: PluginRequest,
): Promise<PluginAnswer> {
  const texts = new InputTexts(inputs, request.namespace);
  const where = `The ConfigMap ${request.configMap} in the namespace ${request.namespace}`;
  const settings = await texts.all('ConfigMap', request.configMap);
  const baseUrl = settings['baseUrl'] ?? '';
  if (baseUrl === '') throw failed(`${where} has no baseUrl: it is the address of the plugin`);
  const bearer = await texts.secret(tokenRefOf(settings['token'] ?? '', where));
  const answer = await withSourceFailed(() =>
    scm.postJson(`${baseUrl.replace(/\/+$/, '')}/api/v1/getparams.execute`, {
      ...(bearer === undefined ? {} : { bearer }),
      body: { applicationSetName: request.set, input: { parameters: request.parameters } },
      timeoutMs: timeoutMsOf(settings['requestTimeout'] ?? '', where),
    }),
  );
  return { parameters: parametersOf(answer) };
}

/** `$key` of the default Secret, or `$secret:key`. A token in plain text is refused: a ConfigMap is no place for one. */
function tokenRefOf(token: string, where: string): { readonly secretName: string; readonly key: string } {
  const [first = '', second, ...more] = token.split(':');
  const isReference = first.startsWith('$') && first.length > 1 && second !== '' && more.length === 0;
  if (!isReference) {
    throw failed(
      `${where} names no token: write "$key" for a key of the Secret ${DEFAULT_SECRET}, or "$secret:key" for another`,
    );
  }
  const name = first.slice(1);
  return second === undefined ? { secretName: DEFAULT_SECRET, key: name } : { secretName: name, key: second };
}

function timeoutMsOf(text: string, where: string): number {
  const seconds = text === '' || text === '0' ? DEFAULT_TIMEOUT_S : Number(text);
  if (Number.isInteger(seconds) && seconds > 0 && seconds <= MAX_TIMEOUT_S) return seconds * 1_000;
  throw failed(`${where} has a requestTimeout that is not a number of seconds from 1 to ${String(MAX_TIMEOUT_S)}`);
}

/** `null` is how a plugin in Go writes an empty list; anything else that is no list is no answer. */
function parametersOf(answer: JsonValue): readonly JsonObject[] {
  const output = isJsonObject(answer) ? answer['output'] : undefined;
  const parameters = isJsonObject(output) ? output['parameters'] : undefined;
  if (parameters === null) return [];
  if (!Array.isArray(parameters)) throw unusable('it holds no list under output.parameters');
  if (parameters.length > MAX_SETS) throw unusable(`it holds more than ${String(MAX_SETS)} parameter sets`);
  return parameters.map((each: unknown, index) => {
    if (!isJsonObject(each)) throw unusable(`output.parameters[${String(index)}] is not an object`);
    return each;
  });
}

function unusable(why: string): AppError {
  return failed(`The plugin gave an answer that cannot be used: ${why}`);
}

function failed(message: string): AppError {
  return new AppError('ExpandFailed', message);
}
