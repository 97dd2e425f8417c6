// Webhooks of Git hosts, with their limiter in front of the body.
import { Inject, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppError } from '@wheelwright/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_JSON, problemOf, retryAfterSeconds } from '../http/problem.js';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { AddressLimiter } from './address-limiter.js';
import { WEBHOOKS_PATH, WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

/** A Git host sends bursts from few addresses; somebody who guesses signatures gets no further than this. */
const LIMITS = { burst: 120, perMinute: 300 };

@Module({ controllers: [WebhooksController], providers: [WebhooksService] })
export class WebhooksModule {
  constructor(@Inject(HttpAdapterHost) host: HttpAdapterHost<FastifyAdapter>, @Inject(HUB_PARTS) parts: HubParts) {
    const limiter = new AddressLimiter(LIMITS);
    // A hook and not a guard, because guards run after the body was read; here and not in onModuleInit, because it must stand before the routes.
    host.httpAdapter.getInstance().addHook('onRequest', (request, reply, next) => {
      const isWebhook = request.routeOptions.url === `/${WEBHOOKS_PATH}`;
      const retryAfterMs = isWebhook ? limiter.take(request.ip, parts.clock.nowMs()) : 0;
      if (retryAfterMs === 0) next();
      else refuse(request, reply, retryAfterMs);
    });
  }
}

/** Answers by itself: errors of hooks do not reach Nest's filters. */
function refuse(request: FastifyRequest, reply: FastifyReply, retryAfterMs: number): void {
  const error = new AppError('TooManyRequests', 'Too many notifications from this address', {
    details: { retryAfterMs },
  });
  const problem = problemOf(error, request.id);
  void reply
    .status(problem.status)
    .header('retry-after', String(retryAfterSeconds(error)))
    .type(PROBLEM_JSON)
    .send(Buffer.from(JSON.stringify(problem)));
}
