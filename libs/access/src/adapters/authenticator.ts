// A bearer token in, the actor it stands for out: the one way in for REST, GraphQL and websockets.
import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../actor.js';
import { ApiTokens, TOKEN_PREFIX } from './api-tokens.js';
import { checkedToken } from './bearer.js';
import { Sessions } from './sessions.js';

@Injectable()
export class Authenticator {
  constructor(
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(ApiTokens) private readonly tokens: ApiTokens,
  ) {}

  /** The actor of a session token or an API token. Fails with `Unauthenticated`, always with the same words. */
  async authenticate(token: string): Promise<Actor> {
    const checked = checkedToken(token);
    return checked.startsWith(TOKEN_PREFIX) ? this.tokens.verify(checked) : this.sessions.verify(checked);
  }

  /**
   * Whether the credential behind an actor would still be accepted, with the rights that the actor carries: for connections that outlive a request.
   * Reads rows that are at most five seconds old; ask at least every five, and a revocation, or a change of
   * a project role, ends the connection within ten.
   */
  async stillValid(actor: Actor): Promise<boolean> {
    return actor.via === 'token' ? this.tokens.stillValid(actor) : this.sessions.stillValid(actor);
  }
}
