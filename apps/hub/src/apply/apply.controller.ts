// Declaring things, and taking declarations back.
import { Body, Controller, Delete, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '@wheelwright/access';
import { Allow, CurrentActor } from '@wheelwright/access/adapters';
import { Catalogue, type DeletionResult } from '@wheelwright/intent/adapters';
import { AppError } from '@wheelwright/kernel';
import { Store } from '@wheelwright/platform-store';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { flagOf } from '../http/body.js';
import { outputSchema } from '../http/openapi.js';
import { TakesBody } from '../http/server.js';
import { previewCounts } from '../preview/preview-schema.js';
import { ApplyService, type ApplyAnswer } from './apply.service.js';

/** A little more than the parser takes, so that it is the parser that says what to do. */
const APPLY_BODY_BYTES = 5 * 1024 * 1024;

const applyAnswer = z.object({
  dryRun: z.boolean(),
  objects: z.array(
    z.object({
      kind: z.string(),
      name: z.string(),
      namespace: z.string(),
      result: z.enum(['created', 'configured', 'unchanged']),
    }),
  ),
  warnings: z.array(
    z.object({
      code: z.string().optional(),
      message: z.string(),
      document: z.int().optional(),
      line: z.int().optional(),
      pointer: z.string().optional(),
    }),
  ),
  previews: z.array(
    z.object({ set: z.string(), exists: z.boolean(), counts: previewCounts, held: z.string().nullable() }),
  ),
});
const deletionAnswer = z.object({ result: z.enum(['deleted', 'requested']) });
const setDeletionAnswer = z.object({ deleted: z.int(), requested: z.int() });

@ApiTags('intent')
@ApiBearerAuth()
@Controller('api/v1')
export class ApplyController {
  constructor(
    @Inject(ApplyService) private readonly service: ApplyService,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(Store) private readonly store: Store,
  ) {}

  @Allow('intent:apply')
  @Post('apply')
  @HttpCode(200)
  @TakesBody({ bodyLimit: APPLY_BODY_BYTES, bodyAs: 'text' })
  @ApiOperation({
    summary: 'Apply Applications, ApplicationSets, AppProjects and cluster Secrets',
    description:
      'YAML or JSON, many documents; all or nothing. With dryRun=true nothing is kept, and each set is tried out.',
  })
  @ApiConsumes('application/yaml', 'text/yaml', 'application/json', 'text/plain')
  @ApiQuery({ name: 'dryRun', required: false, type: Boolean })
  @ApiBody({ schema: { type: 'string' } })
  @ApiResponse({ status: 200, schema: outputSchema(applyAnswer) })
  apply(
    @Body() body: unknown,
    @Query('dryRun') dryRun: string | undefined,
    @CurrentActor() actor: Actor,
  ): Promise<ApplyAnswer> {
    return this.service.apply(typeof body === 'string' ? body : '', { dryRun: flagOf('dryRun', dryRun), actor });
  }

  @Allow('applications:delete')
  @Delete('applications/:name')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Delete an Application',
    description:
      'cascade=true deletes its live objects too, cascade=false leaves them; without it its finalizers decide. 202: a worker deletes it.',
  })
  @ApiQuery({ name: 'cascade', required: false, type: Boolean })
  @ApiResponse({ status: 200, schema: outputSchema(deletionAnswer) })
  @ApiResponse({ status: 202, schema: outputSchema(deletionAnswer) })
  async deleteApplication(
    @Param('name') name: string,
    @Query('cascade') cascade: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ readonly result: DeletionResult }> {
    const options = cascade === undefined ? {} : { cascade: flagOf('cascade', cascade) };
    const result = await this.store.tx((client) => this.catalogue.deleteApplication(client, name, options));
    if (result === 'requested') void reply.status(202);
    return { result };
  }

  @Allow('applicationsets:delete')
  @Delete('applicationsets/:name')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Delete an ApplicationSet',
    description: 'Its Applications go too, each as its finalizers say; cascade=orphan keeps them.',
  })
  @ApiQuery({ name: 'cascade', required: false, enum: ['delete', 'orphan'] })
  @ApiResponse({ status: 200, schema: outputSchema(setDeletionAnswer) })
  deleteApplicationSet(
    @Param('name') name: string,
    @Query('cascade') cascade = 'delete',
  ): Promise<{ readonly deleted: number; readonly requested: number }> {
    if (cascade !== 'delete' && cascade !== 'orphan')
      throw new AppError('InvalidRequest', 'The parameter cascade must be delete or orphan');
    return this.store.tx((client) => this.catalogue.deleteApplicationSet(client, name, { applications: cascade }));
  }
}
