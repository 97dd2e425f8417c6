// Declaring things.
import { Body, Controller, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '@wheelwright/access';
import { Allow, CurrentActor } from '@wheelwright/access/adapters';
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

@ApiTags('intent')
@ApiBearerAuth()
@Controller('api/v1')
export class ApplyController {
  constructor(@Inject(ApplyService) private readonly service: ApplyService) {}

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
}
