// What a route or a resolver declares about who may call it, and how a handler gets its caller.
import { createParamDecorator, SetMetadata, type CustomDecorator, type ExecutionContext } from '@nestjs/common';
import { AppError } from '@wheelwright/kernel';
import type { Actor } from '../actor.js';
import type { Action } from '../decide.js';

/** Metadata key of a handler's (or its class's) policy. */
export const POLICY_METADATA = 'wheelwright:policy';

export type Policy = { readonly kind: 'public' } | { readonly kind: 'allow'; readonly action: Action };

/** The caller needs the grant for this action. On a class it holds for every handler that has no policy of its own. */
export const Allow = (action: Action): CustomDecorator =>
  SetMetadata(POLICY_METADATA, { kind: 'allow', action } satisfies Policy);

/** Anybody may call it, without a token. Say why where it is used. */
export const Public = (): CustomDecorator => SetMetadata(POLICY_METADATA, { kind: 'public' } satisfies Policy);

/** What carries the caller through a call: the HTTP request, or the context value of a GraphQL operation. The guard fills it in. */
export interface ActorCarrier {
  actor?: Actor;
}

/** The headers of an HTTP request, as far as authentication reads them. */
export interface CredentialRequest extends ActorCarrier {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly raw?: { readonly rawHeaders?: readonly string[] };
}

/** What a GraphQL context must hold: the caller (a websocket authenticated it), or the HTTP request it came with. */
export interface GraphqlCarrier extends ActorCarrier {
  readonly request?: CredentialRequest;
  readonly req?: CredentialRequest;
  readonly reply?: { readonly request?: CredentialRequest };
}

/** The object of an execution context that carries the actor, whatever the transport. Nest names GraphQL calls `graphql` and hands the context value as the third argument. */
export function carrierOf(context: ExecutionContext): {
  readonly carrier: ActorCarrier;
  readonly request: CredentialRequest | undefined;
} {
  if (context.getType<'http' | 'graphql'>() === 'graphql') {
    const carrier = context.getArgByIndex<GraphqlCarrier>(2);
    return { carrier, request: carrier.request ?? carrier.req ?? carrier.reply?.request };
  }
  const request = context.switchToHttp().getRequest<CredentialRequest>();
  return { carrier: request, request };
}

/** Injects the {@link Actor} of the call into a handler's parameter. Fails with `Unauthenticated` on a public handler that nobody authenticated. */
export const CurrentActor = createParamDecorator((_data: unknown, context: ExecutionContext): Actor => {
  const { actor } = carrierOf(context).carrier;
  if (actor === undefined) throw new AppError('Unauthenticated', 'This call has no caller');
  return actor;
});
