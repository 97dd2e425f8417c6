// The live comparison, as the GraphQL API asks for it.
import { Global, Module } from '@nestjs/common';
import { KeyRing, SpokeDirectory } from '@wheelwright/registry/adapters';
import { StoredRenders } from '@wheelwright/render/adapters';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { LiveDiff } from './live-diff.js';
import { DiffPort } from './ports.js';

/** Provides {@link DiffPort} everywhere in the hub. */
@Global()
@Module({
  providers: [
    {
      provide: DiffPort,
      useFactory: ({ store, config }: HubParts, spokes: SpokeDirectory, ring: KeyRing) => {
        const stored = new StoredRenders(store, ring);
        return new LiveDiff({
          store,
          connect: (id) => spokes.client(id),
          recall: async (key) => (await stored.load(key))?.set,
          installationId: config.installationId,
        });
      },
      inject: [HUB_PARTS, SpokeDirectory, KeyRing],
    },
  ],
  exports: [DiffPort],
})
export class DiffModule {}
