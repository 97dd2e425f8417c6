// The store as a global Nest provider.
import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { openStore, Store, type StoreConfig } from './store.js';

/** Provides {@link Store} everywhere in a process, and closes it last on shutdown (`enableShutdownHooks` or `app.close()`). */
@Module({})
export class StoreModule implements OnApplicationShutdown {
  constructor(@Inject(Store) private readonly store: Store) {}

  /** Opens a store from its configuration, or takes one that is open already (it is closed on shutdown either way). */
  static forRoot(source: StoreConfig | Store): DynamicModule {
    const open = (): Store | Promise<Store> => (source instanceof Store ? source : openStore(source));
    return { module: StoreModule, global: true, providers: [{ provide: Store, useFactory: open }], exports: [Store] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}
