// API tokens for machines. Administrators only.
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { isProjectRoleName, ROLES, type Actor } from '@wheelwright/access';
import { Allow, ApiTokens, CurrentActor, type ApiTokenView } from '@wheelwright/access/adapters';
import { z } from 'zod';
import { parseBody } from '../http/body.js';
import { inputSchema, outputSchema } from '../http/openapi.js';

const projectRole = z.templateLiteral(['proj:', z.string(), ':', z.string()]).refine(isProjectRoleName);
const role = z.union([z.enum(ROLES), projectRole], {
  error: 'must be admin, readonly or a role of a project, as "proj:<project>:<role>"',
});
const newToken = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, 'must be 1 to 63 letters, digits, "-", "_" and "."'),
  role,
  expiresInDays: z.int().min(1).max(3_650).optional(),
});
const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  role,
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().optional(),
});
const createdToken = tokenView.extend({ token: z.string() });

@ApiTags('tokens')
@ApiBearerAuth()
@Controller('api/v1/tokens')
export class TokensController {
  constructor(@Inject(ApiTokens) private readonly tokens: ApiTokens) {}

  @Allow('tokens:write')
  @Post()
  @ApiOperation({
    summary: 'Make an API token',
    description:
      'The answer is the only one that ever holds the token. The role proj:<project>:<role> is one that the project declares: its policies count as they are at the time of each request.',
  })
  @ApiBody({ schema: inputSchema(newToken) })
  @ApiResponse({ status: 201, schema: outputSchema(createdToken) })
  create(@Body() body: unknown, @CurrentActor() actor: Actor): Promise<ApiTokenView & { readonly token: string }> {
    const { name, role, expiresInDays } = parseBody(newToken, body);
    return this.tokens.create({ name, role, ...(expiresInDays === undefined ? {} : { expiresInDays }) }, actor);
  }

  @Allow('tokens:read')
  @Get()
  @ApiOperation({ summary: 'List the API tokens' })
  @ApiResponse({ status: 200, schema: outputSchema(z.object({ items: z.array(tokenView) })) })
  async list(): Promise<{ readonly items: readonly ApiTokenView[] }> {
    return { items: await this.tokens.list() };
  }

  @Allow('tokens:write')
  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke an API token', description: 'It stops working within 10 seconds on every hub.' })
  @ApiResponse({ status: 204 })
  async revoke(@Param('name') name: string): Promise<void> {
    await this.tokens.revoke(name);
  }
}
