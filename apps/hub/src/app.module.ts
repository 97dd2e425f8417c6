// What the hub is composed of.
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AccessModule, type AccessOptions } from '@wheelwright/access/adapters';
import { IntentModule } from '@wheelwright/intent/adapters';
import { addressPolicy } from '@wheelwright/platform-kube';
import { StoreModule } from '@wheelwright/platform-store';
import { RegistryModule, type RegistryOptions } from '@wheelwright/registry/adapters';
import { ApplyController } from './apply/apply.controller.js';
import { ApplyService } from './apply/apply.service.js';
import { DeletionsController } from './apply/deletions.controller.js';
import { SetOutlooks } from './apply/set-outlooks.js';
import { GeneratorInputsController } from './apply/generator-inputs.controller.js';
import { ClustersController } from './clusters/clusters.controller.js';
import { DiffModule } from './graphql/diff.module.js';
import type { DiffPort } from './graphql/ports.js';
import { GraphqlModule } from './graphql/graphql.module.js';
import { HealthController } from './health/health.controller.js';
import { Readiness, READINESS_CHECKS, type ReadinessCheck } from './health/readiness.js';
import { ProblemFilter } from './http/problem.filter.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { HUB_PARTS, type HubParts } from './parts.js';
import { PreviewController } from './preview/preview.controller.js';
import { PreviewService } from './preview/preview.service.js';
import { RelayService } from './relay.service.js';
import { SessionController } from './session/session.controller.js';
import { TokensController } from './session/tokens.controller.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

@Module({})
export class AppModule {
  /** The application for one set of open parts. {@link HUB_PARTS} can be injected in every module. `diff`: instead of the live comparison. */
  static register(parts: HubParts, diff?: DiffPort): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [
        StoreModule.forRoot(parts.store),
        AccessModule.registerAsync({
          inject: [HUB_PARTS],
          useFactory: ({ store, sealer, clock }: HubParts): AccessOptions => ({ store, sealer, clock }),
        }),
        RegistryModule.forRoot(registryOptions(parts)),
        IntentModule,
        WebhooksModule,
        DiffModule.register(diff),
        GraphqlModule,
      ],
      controllers: [
        HealthController,
        SessionController,
        TokensController,
        ClustersController,
        ApplyController,
        GeneratorInputsController,
        DeletionsController,
        PreviewController,
        ...(parts.config.metrics ? [MetricsController] : []),
      ],
      providers: [
        { provide: HUB_PARTS, useValue: parts },
        { provide: READINESS_CHECKS, useValue: readinessChecks(parts) },
        Readiness,
        ApplyService,
        PreviewService,
        SetOutlooks,
        RelayService,
        { provide: APP_FILTER, useValue: new ProblemFilter(parts.logger) },
      ],
      exports: [HUB_PARTS, PreviewService],
    };
  }
}

function readinessChecks({ store, queue }: HubParts): readonly ReadinessCheck[] {
  return [
    { name: 'postgres', check: () => store.ping() },
    { name: 'queue', check: () => queue.ping() },
  ];
}

/** The hub looks at a spoke when it is registered; from then on workers probe it, at an interval of their own. */
const FIRST_PROBE_MS = 30_000;

function registryOptions({ config }: HubParts): RegistryOptions {
  const networks = config.allowedNetworks.map(({ address, prefix }) => `${address}/${String(prefix)}`);
  return {
    keys: config.encryptionKeys.reveal(),
    spokes: { addressPolicy: addressPolicy(networks) },
    probe: { intervalMs: FIRST_PROBE_MS },
  };
}
