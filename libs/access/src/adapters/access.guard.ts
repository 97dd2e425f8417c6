// Every call of the hub, over REST or GraphQL, passes here: policy, caller, decision.
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppError } from '@wheelwright/kernel';
import { decide } from '../decide.js';
import { Authenticator } from './authenticator.js';
import { bearerToken, unauthenticated } from './bearer.js';
import { carrierOf, POLICY_METADATA, type Policy } from './policy.js';

/** Global guard. A handler without a policy is refused here too, should it ever get past the check at start-up. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = this.reflector.getAllAndOverride<Policy | undefined>(POLICY_METADATA, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (policy === undefined) throw new AppError('Forbidden', 'This operation declares no policy');
    if (policy.kind === 'public') return true;
    const { carrier, request } = carrierOf(context);
    if (carrier.actor === undefined) {
      if (request === undefined) throw unauthenticated();
      carrier.actor = await this.authenticator.authenticate(bearerToken(request));
    }
    const decision = decide(carrier.actor, policy.action);
    if (!decision.allowed) throw new AppError('Forbidden', `Not allowed: ${decision.reason}`);
    return true;
  }
}
