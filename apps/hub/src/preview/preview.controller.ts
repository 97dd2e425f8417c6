// What a set would come to, before anybody declares it.
import { Body, Controller, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '@wheelwright/access';
import { Allow, CurrentActor } from '@wheelwright/access/adapters';
import type { SetPreview } from '@wheelwright/expand';
import { outputSchema } from '../http/openapi.js';
import { TakesBody } from '../http/server.js';
import { PreviewService } from './preview.service.js';
import { previewAnswer } from './preview-schema.js';

/** As `apply` takes them. */
const BODY_BYTES = 5 * 1024 * 1024;

@ApiTags('intent')
@ApiBearerAuth()
@Controller('api/v1')
export class PreviewController {
  constructor(@Inject(PreviewService) private readonly service: PreviewService) {}

  @Allow('applicationsets:read')
  @Post('preview')
  @HttpCode(200)
  @TakesBody({ bodyLimit: BODY_BYTES, bodyAs: 'text' })
  @ApiOperation({
    summary: 'Preview ApplicationSets',
    description:
      'What the sets of the body, or the declared set `name`, would create, change field by field, and remove, and why each Application is generated. Nothing is written. With `revision`, git generators read there instead. A body needs the right to apply it.',
  })
  @ApiConsumes('application/yaml', 'text/yaml', 'application/json', 'text/plain')
  @ApiQuery({ name: 'name', required: false, type: String })
  @ApiQuery({ name: 'revision', required: false, type: String })
  @ApiQuery({ name: 'repoURL', required: false, type: String })
  @ApiBody({ schema: { type: 'string' }, required: false })
  @ApiResponse({ status: 200, schema: outputSchema(previewAnswer) })
  async preview(
    @Body() body: unknown,
    @Query() query: Readonly<Record<string, unknown>>,
    @CurrentActor() actor: Actor,
  ): Promise<{ readonly previews: readonly SetPreview[] }> {
    const documents = typeof body === 'string' && body.trim() !== '' ? { documents: body } : {};
    const previews = await this.service.preview(
      { ...documents, ...textOf(query, 'name'), ...textOf(query, 'revision'), ...textOf(query, 'repoURL') },
      actor,
    );
    return { previews };
  }
}

function textOf<K extends 'name' | 'revision' | 'repoURL'>(
  query: Readonly<Record<string, unknown>>,
  key: K,
): { readonly [P in K]?: string } {
  const value = query[key];
  // A computed key of a generic type is a plain string to the compiler.
  return typeof value === 'string' && value !== '' ? ({ [key]: value } as { readonly [P in K]?: string }) : {};
}
