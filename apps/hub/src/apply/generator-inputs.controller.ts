// ConfigMaps and Secrets that generators read: names are shown, texts never are. They come in through apply.
import { Controller, Delete, Get, HttpCode, Inject, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Allow } from '@wheelwright/access/adapters';
import { GeneratorInputs, type InputSummary } from '@wheelwright/intent/adapters';
import { AppError } from '@wheelwright/kernel';
import { Store } from '@wheelwright/platform-store';
import { z } from 'zod';
import { outputSchema } from '../http/openapi.js';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { changingSettings } from './settings.js';

const inputPage = z.object({
  items: z.array(
    z.object({
      kind: z.enum(['ConfigMap', 'Secret']),
      namespace: z.string(),
      name: z.string(),
      labels: z.record(z.string(), z.string()),
      keys: z.array(z.string()),
      updatedAt: z.iso.datetime(),
    }),
  ),
});

@ApiTags('intent')
@ApiBearerAuth()
@Controller('api/v1/generator-inputs')
export class GeneratorInputsController {
  constructor(
    @Inject(Store) private readonly store: Store,
    @Inject(HUB_PARTS) private readonly parts: HubParts,
  ) {}

  @Allow('generatorinputs:read')
  @Get()
  @ApiOperation({
    summary: 'List the ConfigMaps and Secrets that generators read',
    description: 'Names and keys only: no text of any of them is shown.',
  })
  @ApiResponse({ status: 200, schema: outputSchema(inputPage) })
  async list(): Promise<{ readonly items: readonly InputSummary[] }> {
    return { items: await new GeneratorInputs(this.parts.sealer).list(this.store) };
  }

  @Allow('generatorinputs:delete')
  @Delete(':kind/:namespace/:name')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a ConfigMap or Secret that generators read',
    description: 'Sets that name it fail to expand from then on, and their Applications stay as they are.',
  })
  @ApiParam({ name: 'kind', enum: ['ConfigMap', 'Secret'] })
  @ApiResponse({ status: 204 })
  async remove(
    @Param('kind') kind: string,
    @Param('namespace') namespace: string,
    @Param('name') name: string,
  ): Promise<void> {
    if (kind !== 'ConfigMap' && kind !== 'Secret')
      throw new AppError('InvalidRequest', 'The kind must be ConfigMap or Secret');
    const inputs = new GeneratorInputs(this.parts.sealer);
    const key = { kind, namespace, name } as const;
    await this.store.tx((client) =>
      changingSettings(client, { kind, metadata: key, data: {} }, () => inputs.delete(client, key)),
    );
  }
}
