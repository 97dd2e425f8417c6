import { Module, type DynamicModule, type InjectionToken, type ModuleMetadata } from '@nestjs/common';
import type { Clock } from '@wheelwright/kernel';
import { Store } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import type { ApplicationCatalogue, TreeReader } from '../ports.js';
import { SetExpander } from './set-expander.js';

/** Where the ports of the room come from: tokens of providers that `imports` export. */
export interface ExpandModuleOptions {
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  /** Provides an {@link ApplicationCatalogue}. */
  readonly catalogue: InjectionToken;
  /** Provides a {@link TreeReader}. */
  readonly trees: InjectionToken;
}

const systemClock: Clock = { nowMs: () => Date.now() };

/** Provides the {@link SetExpander} on the global {@link Store}. */
@Module({})
export class ExpandModule {
  static forRoot({ imports, catalogue, trees }: ExpandModuleOptions): DynamicModule {
    const create = (store: Store, writer: ApplicationCatalogue<PoolClient>, reader: TreeReader): SetExpander =>
      new SetExpander({ store, catalogue: writer, trees: reader, clock: systemClock });
    return {
      module: ExpandModule,
      imports,
      providers: [{ provide: SetExpander, useFactory: create, inject: [Store, catalogue, trees] }],
      exports: [SetExpander],
    };
  }
}
