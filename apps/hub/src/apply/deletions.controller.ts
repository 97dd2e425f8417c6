// Taking declarations back, and looking first at what that would come to.
import { Controller, Delete, HttpCode, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Allow } from '@wheelwright/access/adapters';
import { Catalogue } from '@wheelwright/intent/adapters';
import type {
  ApplicationDeletionPlan,
  DeletionResult,
  SetDeletion,
  SetDeletionCounts,
  SetDeletionPlan,
} from '@wheelwright/intent/adapters';
import { AppError } from '@wheelwright/kernel';
import { Store } from '@wheelwright/platform-store';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { flagOf } from '../http/body.js';
import { outputSchema } from '../http/openapi.js';

const deletionAnswer = z.object({ result: z.enum(['deleted', 'requested', 'handedOver']) });
const applicationPlan = z.object({
  application: z.string(),
  action: z.enum(['delete', 'deleteWithResources', 'handOver']),
  objects: z.array(
    z.object({ group: z.string(), kind: z.string(), namespace: z.string(), name: z.string(), cluster: z.string() }),
  ),
  total: z.int(),
});
const setDeletionAnswer = z.object({
  deleted: z.int(),
  requested: z.int(),
  orphaned: z.int(),
  handedOver: z.int(),
});
const setPlan = z.object({
  set: z.string(),
  applications: z.array(
    z.object({
      name: z.string(),
      cluster: z.string().nullable(),
      action: z.enum(['delete', 'deleteWithResources', 'orphan', 'handOver']),
      resources: z.int(),
    }),
  ),
  total: z.int(),
  counts: z.object({ delete: z.int(), deleteWithResources: z.int(), orphan: z.int(), handOver: z.int() }),
  resources: z.int(),
  needsConfirmation: z.boolean(),
});
const projectAnswer = z.object({ result: z.enum(['deleted']), dryRun: z.boolean() });

/** The query of a deletion of a set. */
interface SetQuery {
  readonly cascade?: unknown;
  readonly dryRun?: unknown;
  readonly confirm?: unknown;
}

@ApiTags('intent')
@ApiBearerAuth()
@Controller('api/v1')
export class DeletionsController {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(Store) private readonly store: Store,
  ) {}

  @Allow('applications:delete')
  @Delete('applications/:name')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Delete an Application',
    description:
      'cascade=true deletes its live objects too, cascade=false leaves them (a set that generates the Application then takes it over); without it its finalizers decide. 202: a worker deletes it. With dryRun=true nothing is kept, and the answer names the objects.',
  })
  @ApiQuery({ name: 'cascade', required: false, type: Boolean })
  @ApiQuery({ name: 'dryRun', required: false, type: Boolean })
  @ApiResponse({ status: 200, schema: outputSchema(z.union([deletionAnswer, applicationPlan])) })
  @ApiResponse({ status: 202, schema: outputSchema(deletionAnswer) })
  async deleteApplication(
    @Param('name') name: string,
    @Query() query: Omit<SetQuery, 'confirm'>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ readonly result: DeletionResult } | ApplicationDeletionPlan> {
    const options = query.cascade === undefined ? {} : { cascade: flagOf('cascade', query.cascade) };
    if (flagOf('dryRun', query.dryRun))
      return this.store.tx((client) => this.catalogue.planApplicationDeletion(client, name, options));
    const result = await this.store.tx((client) => this.catalogue.deleteApplication(client, name, options));
    if (result === 'requested') void reply.status(202);
    return { result };
  }

  @Allow('applicationsets:delete')
  @Delete('applicationsets/:name')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Delete an ApplicationSet',
    description:
      'Its Applications go too, each as its finalizers say; cascade=orphan keeps them; what another set claims is handed over to it. Where more than 3 would go, confirm must be the name of the set. With dryRun=true nothing is kept, and the answer says what becomes of each Application.',
  })
  @ApiQuery({ name: 'cascade', required: false, enum: ['delete', 'orphan'] })
  @ApiQuery({ name: 'dryRun', required: false, type: Boolean })
  @ApiQuery({ name: 'confirm', required: false, type: String })
  @ApiResponse({ status: 200, schema: outputSchema(z.union([setDeletionAnswer, setPlan])) })
  deleteApplicationSet(
    @Param('name') name: string,
    @Query() { cascade, dryRun, confirm }: SetQuery,
  ): Promise<SetDeletionCounts | SetDeletionPlan> {
    const applications = cascadeOf(cascade);
    const options = applications === undefined ? {} : { applications };
    const planOnly = flagOf('dryRun', dryRun);
    const confirmation = typeof confirm === 'string' ? confirm : '';
    return this.store.tx((client): Promise<SetDeletionCounts | SetDeletionPlan> =>
      planOnly
        ? this.catalogue.planSetDeletion(client, name, options)
        : this.catalogue.deleteApplicationSet(client, name, { ...options, confirmation }),
    );
  }

  @Allow('projects:delete')
  @Delete('projects/:name')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Delete an AppProject',
    description: 'Refused while Applications name it. With dryRun=true nothing is kept.',
  })
  @ApiQuery({ name: 'dryRun', required: false, type: Boolean })
  @ApiResponse({ status: 200, schema: outputSchema(projectAnswer) })
  deleteProject(
    @Param('name') name: string,
    @Query('dryRun') given: unknown,
  ): Promise<{ readonly result: 'deleted'; readonly dryRun: boolean }> {
    const dryRun = flagOf('dryRun', given);
    return this.store.tx(async (client) => {
      await client.query('SAVEPOINT dry_run_deletion');
      await this.catalogue.deleteProject(client, name);
      if (dryRun) await client.query('ROLLBACK TO SAVEPOINT dry_run_deletion');
      return { result: 'deleted', dryRun };
    });
  }
}

/** Absent: as the set itself says. */
function cascadeOf(cascade: unknown): SetDeletion | undefined {
  if (cascade === undefined || cascade === 'delete' || cascade === 'orphan') return cascade;
  throw new AppError('InvalidRequest', 'The parameter cascade must be delete or orphan');
}
