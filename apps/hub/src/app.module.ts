// What the hub is composed of.
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AccessModule, type AccessOptions } from '@wheelwright/access/adapters';
import { StoreModule } from '@wheelwright/platform-store';
import { HealthController } from './health/health.controller.js';
import { Readiness, READINESS_CHECKS, type ReadinessCheck } from './health/readiness.js';
import { ProblemFilter } from './http/problem.filter.js';
import { HUB_PARTS, type HubParts } from './parts.js';

@Module({})
export class AppModule {
  static register(parts: HubParts): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [
        StoreModule.forRoot(parts.store),
        AccessModule.registerAsync({
          inject: [HUB_PARTS],
          useFactory: ({ store, sealer, clock }: HubParts): AccessOptions => ({ store, sealer, clock }),
        }),
      ],
      controllers: [HealthController],
      providers: [
        { provide: HUB_PARTS, useValue: parts },
        { provide: READINESS_CHECKS, useValue: readinessChecks(parts) },
        Readiness,
        { provide: APP_FILTER, useValue: new ProblemFilter(parts.logger) },
      ],
      exports: [HUB_PARTS],
    };
  }
}

function readinessChecks({ store, checks }: HubParts): readonly ReadinessCheck[] {
  return [{ name: 'postgres', check: () => store.ping() }, ...checks];
}
