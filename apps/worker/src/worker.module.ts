import { Module, type DynamicModule } from '@nestjs/common';
import { StoreModule } from '@wheelwright/platform-store';
import { compose, type WorkerParts } from './compose.js';
import { COMPOSED, Processors, WORKER_PARTS } from './processors/processors.js';

/** The worker as a Nest application context: it starts its processors with the context, and drains them with it. */
@Module({})
export class WorkerModule {
  static register(parts: WorkerParts): DynamicModule {
    return {
      module: WorkerModule,
      imports: [StoreModule.forRoot(parts.store)],
      providers: [
        { provide: WORKER_PARTS, useValue: parts },
        { provide: COMPOSED, useFactory: () => compose(parts) },
        Processors,
      ],
    };
  }
}
