// Taking declarations back, and looking first at what that would come to.
import { Controller, Delete, HttpCode, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '@wheelwright/access';
import { Allow, CurrentActor } from '@wheelwright/access/adapters';
import { Catalogue } from '@wheelwright/intent/adapters';
import type {
  ApplicationDeletionPlan,
  DeletionResult,
  SetDeletion,
  SetDeletionCounts,
  SetDeletionPlan,
} from '@wheelwright/intent/adapters';
import { AppError } from '@wheelwright/kernel';
import { Store, type PoolClient } from '@wheelwright/platform-store';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { flagOf } from '../http/body.js';
import { outputSchema } from '../http/openapi.js';
import { assertMay, type NamedAsk } from '../tenancy/named-object.js';

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
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ readonly result: DeletionResult } | ApplicationDeletionPlan> {
    const options = query.cascade === undefined ? {} : { cascade: flagOf('cascade', query.cascade) };
    const ask = { resource: 'applications', name } as const;
    if (flagOf('dryRun', query.dryRun))
      return this.asked(actor, ask, (client) => this.catalogue.planApplicationDeletion(client, name, options));
    const result = await this.asked(actor, ask, (client) => this.catalogue.deleteApplication(client, name, options));
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
    @CurrentActor() actor: Actor,
  ): Promise<SetDeletionCounts | SetDeletionPlan> {
    const applications = cascadeOf(cascade);
    const options = applications === undefined ? {} : { applications };
    const planOnly = flagOf('dryRun', dryRun);
    const confirmation = typeof confirm === 'string' ? confirm : '';
    const ask = { resource: 'applicationsets', name } as const;
    return this.asked(actor, ask, (client): Promise<SetDeletionCounts | SetDeletionPlan> =>
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

  /** Works in a transaction in which the caller was found to be permitted the deletion. */
  private asked<Result>(
    actor: Actor,
    object: Omit<NamedAsk, 'verb'>,
    work: (client: PoolClient) => Promise<Result>,
  ): Promise<Result> {
    return this.store.tx(async (client) => {
      await assertMay(client, actor, { ...object, verb: 'delete' });
      return work(client);
    });
  }
}

/** Absent: as the set itself says. */
function cascadeOf(cascade: unknown): SetDeletion | undefined {
  if (cascade === undefined || cascade === 'delete' || cascade === 'orphan') return cascade;
  throw new AppError('InvalidRequest', 'The parameter cascade must be delete or orphan');
}
