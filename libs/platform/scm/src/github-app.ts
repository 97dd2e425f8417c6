// Credentials of a GitHub App in, a token of its installation out: signed for, and kept until shortly before its end.
import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '@wheelwright/kernel';
import type { Call } from './call.js';
import { scmError, type Asked } from './errors.js';
import type { GitHubAppCredentials } from './types.js';
import { path } from './urls.js';

const TOKEN = z.object({ token: z.string().min(1).max(4_096), expires_at: z.iso.datetime({ offset: true }) });
/** A token is not used in its last minutes: a call takes up to two. */
const MARGIN_MS = 5 * 60_000;
/** A clock that runs ahead of GitHub's would make tokens of the future. */
const SKEW_S = 60;
/** GitHub takes at most ten minutes. */
const LIFE_S = 9 * 60;
const MAX_TOKENS = 1_000;

interface KeptToken {
  readonly token: string;
  readonly endsAtMs: number;
}

interface AskToken {
  readonly call: Call;
  readonly asked: Asked;
}

export class InstallationTokens {
  readonly #kept = new Map<string, KeptToken>();
  /** Tokens that are being asked for: calls that begin at once share one. */
  readonly #asking = new Map<string, Promise<string>>();

  constructor(private readonly clock: Clock) {}

  /** A token that is good for some minutes. `identity` is the digest of the app's credentials and root; `call` goes to its API without a token. */
  async token(identity: string, app: GitHubAppCredentials, ask: AskToken): Promise<string> {
    const kept = this.#kept.get(identity);
    if (kept !== undefined && kept.endsAtMs - MARGIN_MS > this.clock.nowMs()) return kept.token;
    const asking =
      this.#asking.get(identity) ?? this.#ask(identity, app, ask).finally(() => this.#asking.delete(identity));
    this.#asking.set(identity, asking);
    return asking;
  }

  async #ask(identity: string, app: GitHubAppCredentials, { call, asked }: AskToken): Promise<string> {
    const jwt = appToken(app, asked, Math.floor(this.clock.nowMs() / 1_000));
    const answer = await call.post(path`/app/installations/${app.installationId}/access_tokens`, {
      headers: { authorization: `Bearer ${jwt}` },
      form: TOKEN,
    });
    this.#kept.delete(identity);
    this.#kept.set(identity, { token: answer.token, endsAtMs: Date.parse(answer.expires_at) });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_TOKENS) break;
      this.#kept.delete(oldest);
    }
    return answer.token;
  }

  /** Forgets a token that the host refused. */
  forget(identity: string): void {
    this.#kept.delete(identity);
  }
}

/** The JSON Web Token (RFC 7519, RS256) that the app asks with. */
function appToken(app: GitHubAppCredentials, asked: Asked, nowS: number): string {
  const key = privateKey(app, asked);
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ iat: nowS - SKEW_S, exp: nowS + LIFE_S, iss: app.appId })}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

function privateKey(app: GitHubAppCredentials, asked: Asked): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(app.privateKey);
  } catch {
    // Its message could tell of the key.
  }
  if (key?.asymmetricKeyType === 'rsa') return key;
  throw scmError(asked, [
    'InvalidCredentials',
    'is not asked: the private key of the GitHub App is not an RSA key in PEM',
  ]);
}
