// What every resolver gets beside its arguments: the caller, the loaders of this request, the id of the request.
import type { IncomingHttpHeaders } from 'node:http';
import type { Actor } from '@wheelwright/access';
import { grantsPredicate, type Grants } from './grants.js';
import { createLoaders, type Loaders } from './loaders.js';
import type { Reader } from './reader.js';

/** The part of an HTTP request, or of a websocket's upgrade request, that is kept. */
export interface RequestInfo {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly actor?: Actor;
}

/** The context value of an operation. A subscription gets new loaders for each batch of events: nothing cached may grow old. */
export interface GraphqlContext {
  readonly actor: Actor;
  readonly grants: Grants;
  readonly requestId: string;
  loaders: Loaders;
}

/** The context of one operation of one caller. */
export function createContext(reader: Reader, actor: Actor, requestId: string): GraphqlContext {
  const grants = grantsPredicate(actor);
  return { actor, grants, requestId, loaders: createLoaders(reader, grants) };
}
