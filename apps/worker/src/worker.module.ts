import { Module, type DynamicModule } from '@nestjs/common';
import { compose, type WorkerParts } from './compose.js';
import { COMPOSED, Processors, WORKER_PARTS } from './processors/processors.js';

/** The worker as a Nest application context: it starts its processors with the context, and drains them with it. */
@Module({})
export class WorkerModule {
  /** The parts stay open when the context closes: whoever opened them closes them. */
  static register(parts: WorkerParts): DynamicModule {
    return {
      module: WorkerModule,
      providers: [
        { provide: WORKER_PARTS, useValue: parts },
        { provide: COMPOSED, useFactory: () => compose(parts) },
        Processors,
      ],
    };
  }
}
