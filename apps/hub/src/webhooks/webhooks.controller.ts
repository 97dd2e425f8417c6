// Where Git hosts tell of pushes, pull requests and repositories.
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '@wheelwright/access/adapters';
import { AppError } from '@wheelwright/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { outputSchema } from '../http/openapi.js';
import { PROBLEM_JSON, problemOf, type Problem } from '../http/problem.js';
import { TakesBody } from '../http/server.js';
import { WebhooksService, type WebhookAnswer } from './webhooks.service.js';

export const WEBHOOKS_PATH = 'webhooks/git';
const MAX_BODY_BYTES = 1024 * 1024;
const NOT_CONFIGURED =
  'Webhooks are off: set WHEELWRIGHT_WEBHOOK_SECRET on the hub, and the same secret at the Git host';

const webhookAnswer = z.object({
  result: z.enum(['accepted', 'ignored', 'duplicate']),
  repositories: z.int(),
  applicationSets: z.int(),
});

@ApiTags('webhooks')
@Controller(WEBHOOKS_PATH)
export class WebhooksController {
  constructor(@Inject(WebhooksService) private readonly service: WebhooksService) {}

  /** Public to the policy, because the signature over the body is its authentication. The body stays text until that is checked. */
  @Public()
  @Post()
  @HttpCode(202)
  @TakesBody({ bodyLimit: MAX_BODY_BYTES, bodyAs: 'text' })
  @ApiOperation({
    summary: 'Tell of a push, a pull request or a new repository (GitHub, GitLab, Gitea)',
    description:
      'Signed with WHEELWRIGHT_WEBHOOK_SECRET. Its only effect: a repository that is known already is looked at now, and ApplicationSets that read the pull requests or repositories concerned are expanded now.',
  })
  @ApiResponse({ status: 202, schema: outputSchema(webhookAnswer) })
  @ApiResponse({ status: 401, description: 'Not signed with the secret' })
  @ApiResponse({ status: 503, description: 'No secret is set' })
  async receive(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookAnswer | Problem> {
    if (!this.service.isConfigured) {
      const problem = problemOf(new AppError('Unavailable', NOT_CONFIGURED), request.id);
      void reply.status(problem.status).type(PROBLEM_JSON);
      // A 5xx says nothing of the inside as a rule; this one is no failure, and whoever sets up the host must learn what is missing.
      return { ...problem, detail: NOT_CONFIGURED };
    }
    if (request.rawBody === undefined)
      throw new AppError('InvalidRequest', 'Send the notification as application/json');
    return this.service.receive({ headers: request.headers, rawBody: request.rawBody });
  }
}
