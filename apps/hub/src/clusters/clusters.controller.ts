// Registering spokes, and everything about them that is not their fleet status.
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Allow } from '@wheelwright/access/adapters';
import { AppError } from '@wheelwright/kernel';
import { decodeCursor, encodeCursor, Store } from '@wheelwright/platform-store';
import { parsePatch, parseRegistration, patchBody, registrationBody, type ClusterDetail } from '@wheelwright/registry';
import { ClusterStore, deleteCluster, SpokeDirectory, type DeletionCascade } from '@wheelwright/registry/adapters';
import type { FastifyReply } from 'fastify';
import { flagOf } from '../http/body.js';
import { inputSchema, outputSchema } from '../http/openapi.js';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { addressRulesOf } from './address-rules.js';
import { clusterDeletionSchema, clusterPageSchema, clusterSchema } from './cluster-schema.js';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 500;

interface ClusterPage {
  readonly items: readonly ClusterDetail[];
  /** Pass it as `after` for the next page. */
  readonly next?: string;
}

interface ClusterDeletionAnswer {
  readonly result: 'deleted' | 'requested';
  /** Applications that go first. */
  readonly applications: number;
}

@ApiTags('clusters')
@ApiBearerAuth()
@Controller('api/v1/clusters')
export class ClustersController {
  constructor(
    @Inject(ClusterStore) private readonly clusters: ClusterStore,
    @Inject(SpokeDirectory) private readonly spokes: SpokeDirectory,
    @Inject(Store) private readonly store: Store,
    @Inject(HUB_PARTS) private readonly parts: HubParts,
  ) {}

  @Allow('clusters:write')
  @Post()
  @ApiOperation({
    summary: 'Register a spoke',
    description:
      'Connects to it first. With verify=false it is registered as it is found, in the state Unreachable or Unauthorized too.',
  })
  @ApiQuery({ name: 'verify', required: false, type: Boolean })
  @ApiBody({ schema: inputSchema(registrationBody) })
  @ApiResponse({ status: 201, schema: outputSchema(clusterSchema) })
  register(@Body() body: unknown, @Query('verify') verify?: string): Promise<ClusterDetail> {
    const registration = parseRegistration(body, addressRulesOf(this.parts.config));
    return this.spokes.register(registration, { verify: verify === undefined || flagOf('verify', verify) });
  }

  @Allow('clusters:read')
  @Get()
  @ApiOperation({ summary: 'List the spokes by name' })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE },
  })
  @ApiQuery({ name: 'after', required: false, description: '`next` of the page before' })
  @ApiResponse({ status: 200, schema: outputSchema(clusterPageSchema) })
  async list(@Query('limit') limit?: string, @Query('after') after?: string): Promise<ClusterPage> {
    const [name] = after === undefined ? [] : decodeCursor(after, 1);
    const { clusters, hasMore } = await this.clusters.list({
      first: pageSize(limit),
      ...(name === undefined ? {} : { after: name }),
    });
    const last = clusters.at(-1);
    return { items: clusters, ...(hasMore && last !== undefined ? { next: encodeCursor([last.name]) } : {}) };
  }

  @Allow('clusters:read')
  @Get(':name')
  @ApiOperation({ summary: 'One spoke' })
  @ApiResponse({ status: 200, schema: outputSchema(clusterSchema) })
  get(@Param('name') name: string): Promise<ClusterDetail> {
    return this.clusters.get(name);
  }

  @Allow('clusters:write')
  @Patch(':name')
  @ApiOperation({
    summary: 'Change labels, annotations, credentials or paused',
    description: 'A null removes a label or an annotation.',
  })
  @ApiBody({ schema: inputSchema(patchBody) })
  @ApiResponse({ status: 200, schema: outputSchema(clusterSchema) })
  patch(@Param('name') name: string, @Body() body: unknown): Promise<ClusterDetail> {
    return this.clusters.patch(name, parsePatch(body));
  }

  @Allow('clusters:write')
  @Delete(':name')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Remove a spoke',
    description:
      'Refused while Applications target it. cascade=orphan forgets them and leaves their objects; cascade=delete deletes their objects first, and the spoke goes with the last one (202).',
  })
  @ApiQuery({ name: 'cascade', required: false, enum: ['orphan', 'delete'] })
  @ApiResponse({ status: 200, schema: outputSchema(clusterDeletionSchema) })
  @ApiResponse({ status: 202, schema: outputSchema(clusterDeletionSchema) })
  async remove(
    @Param('name') name: string,
    @Query('cascade') cascade: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClusterDeletionAnswer> {
    const deletion = await deleteCluster(this.store, name, cascadeOf(cascade));
    if (deletion.kind === 'deleted') return { result: 'deleted', applications: 0 };
    void reply.status(202);
    return { result: 'requested', applications: deletion.applications };
  }
}

function cascadeOf(text: string | undefined): DeletionCascade | undefined {
  if (text === undefined || text === 'orphan' || text === 'delete') return text;
  throw new AppError('InvalidRequest', 'The parameter cascade must be orphan or delete');
}

function pageSize(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PAGE;
  const size = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (size >= 1 && size <= MAX_PAGE) return size;
  throw new AppError('InvalidRequest', `The parameter limit must be a number from 1 to ${String(MAX_PAGE)}`);
}
