// Liveness and readiness for whoever runs the process.
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '@wheelwright/access/adapters';
import type { FastifyReply } from 'fastify';
import { Readiness, type CheckResults } from './readiness.js';

interface HealthAnswer {
  readonly status: 'ok' | 'ready' | 'notReady';
  readonly checks?: CheckResults;
}

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  /** Public: a probe has no token, and the answer says nothing. */
  @Public()
  @Get('healthz')
  @ApiOperation({ summary: 'Whether the process runs' })
  healthz(): HealthAnswer {
    return { status: 'ok' };
  }

  /** Public: a probe has no token, and the answer names parts only. */
  @Public()
  @Get('readyz')
  @ApiOperation({ summary: 'Whether the hub can serve: Postgres and the queue answer' })
  async readyz(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthAnswer> {
    const { ready, checks } = await this.readiness.run();
    void reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'notReady', checks };
  }
}
