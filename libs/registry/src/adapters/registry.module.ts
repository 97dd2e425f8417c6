// The registry's adapters as Nest providers.
import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { EncryptionKey } from '@wheelwright/platform-config';
import { SpokeClients, type SpokeClientsOptions } from '@wheelwright/platform-kube';
import { Store } from '@wheelwright/platform-store';
import { ClusterStore } from './cluster-store.js';
import { KeyRing } from './key-ring.js';
import { SpokeDirectory, type ProbeOptions } from './spoke-directory.js';

export interface RegistryOptions {
  /** The ring: the first key seals. */
  readonly keys: readonly [EncryptionKey, ...EncryptionKey[]];
  readonly spokes: SpokeClientsOptions;
  readonly probe: ProbeOptions;
}

/** Provides {@link KeyRing}, {@link SpokeClients}, {@link ClusterStore} and {@link SpokeDirectory} everywhere; needs {@link Store}. Closes the connections on shutdown. */
@Module({})
export class RegistryModule implements OnApplicationShutdown {
  constructor(@Inject(SpokeClients) private readonly clients: SpokeClients) {}

  static forRoot(options: RegistryOptions): DynamicModule {
    const ring = new KeyRing(options.keys);
    return {
      module: RegistryModule,
      global: true,
      providers: [
        { provide: KeyRing, useValue: ring },
        { provide: SpokeClients, useFactory: () => new SpokeClients(options.spokes) },
        { provide: ClusterStore, useFactory: (store: Store) => new ClusterStore(store, ring), inject: [Store] },
        {
          provide: SpokeDirectory,
          useFactory: (store: Store, clusters: ClusterStore, clients: SpokeClients) =>
            new SpokeDirectory(store, clusters, clients, options.probe),
          inject: [Store, ClusterStore, SpokeClients],
        },
      ],
      exports: [KeyRing, SpokeClients, ClusterStore, SpokeDirectory],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.clients.close();
  }
}
