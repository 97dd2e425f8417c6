// The hub's metrics, for Prometheus.
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow } from '@wheelwright/access/adapters';
import type { FastifyReply } from 'fastify';
import { HUB_PARTS, type HubParts } from '../parts.js';

@ApiTags('health')
@ApiBearerAuth()
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(HUB_PARTS) private readonly parts: HubParts) {}

  @Allow('metrics:read')
  @Get()
  @ApiOperation({ summary: 'Metrics in the text form of Prometheus' })
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.parts.metrics.contentType);
    return this.parts.metrics.page();
  }
}
