// Logging in and out.
import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '@wheelwright/access';
import { Allow, CurrentActor, Public, Sessions, Users, type SessionGrant } from '@wheelwright/access/adapters';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseBody } from '../http/body.js';
import { inputSchema, outputSchema } from '../http/openapi.js';

const credentials = z.strictObject({ username: z.string().min(1).max(256), password: z.string().min(1).max(1_024) });
const grant = z.object({ token: z.string(), expiresAt: z.iso.datetime() });
const caller = z.object({ id: z.string(), name: z.string(), role: z.string(), via: z.string() });

@ApiTags('session')
@Controller('api/v1/session')
export class SessionController {
  constructor(
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Users) private readonly users: Users,
  ) {}

  /** Public: this is how a caller gets a token. A limiter counts failures by name and by address. */
  @Public()
  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Log in as a local user', description: 'Answers a bearer token that holds for 12 hours.' })
  @ApiBody({ schema: inputSchema(credentials) })
  @ApiResponse({ status: 200, schema: outputSchema(grant) })
  login(@Body() body: unknown, @Req() request: FastifyRequest): Promise<SessionGrant> {
    return this.sessions.login({ ...parseBody(credentials, body), address: request.ip });
  }

  @Allow('session:read')
  @Get()
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Who the caller is' })
  @ApiResponse({ status: 200, schema: outputSchema(caller) })
  current(@CurrentActor() { id, name, role, via }: Actor): z.infer<typeof caller> {
    return { id, name, role, via };
  }

  @Allow('session:end')
  @Delete()
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Log out everywhere',
    description: 'Ends all sessions of the caller within 10 seconds. API tokens stay.',
  })
  @ApiResponse({ status: 204 })
  async end(@CurrentActor() actor: Actor): Promise<void> {
    if (actor.via === 'session') await this.users.endSessions(actor.id);
  }
}
