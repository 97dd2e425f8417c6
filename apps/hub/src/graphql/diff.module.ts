// What is read from spokes at the time of a query: the live comparison, and live objects.
import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { HubSpoke } from '@wheelwright/intent/adapters';
import type { ClusterId } from '@wheelwright/kernel';
import { CompareSettingsReader } from '@wheelwright/plan/adapters';
import { JqPaths } from '@wheelwright/platform-jq';
import type { SpokeClient } from '@wheelwright/platform-kube';
import type { Store } from '@wheelwright/platform-store';
import { hubClusterId, KeyRing, SpokeDirectory } from '@wheelwright/registry/adapters';
import { StoredRenders } from '@wheelwright/render/adapters';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { LiveDiff } from './live-diff.js';
import { LiveObjects } from './live-objects.js';
import { DiffPort, LiveObjectsPort } from './ports.js';

/** Provides {@link DiffPort} and {@link LiveObjectsPort} everywhere in the hub. */
@Global()
@Module({})
export class DiffModule {
  /** Without a `diff` given: the one that asks the spokes. */
  static register(diff?: DiffPort): DynamicModule {
    const provider: Provider = diff === undefined ? LIVE : { provide: DiffPort, useValue: diff };
    return { module: DiffModule, providers: [provider, LIVE_OBJECTS], exports: [DiffPort, LiveObjectsPort] };
  }
}

const LIVE: Provider = {
  provide: DiffPort,
  useFactory: ({ store, config }: HubParts, spokes: SpokeDirectory, ring: KeyRing) => {
    const settings = new CompareSettingsReader(store);
    const stored = new StoredRenders(store, ring);
    return new LiveDiff({
      store,
      connect: connectTo(store, spokes),
      recall: async (key) => (await stored.load(key))?.set,
      installationId: config.installationId,
      compare: () => settings.current(),
      jq: new JqPaths(),
    });
  },
  inject: [HUB_PARTS, SpokeDirectory, KeyRing],
};

const LIVE_OBJECTS: Provider = {
  provide: LiveObjectsPort,
  useFactory: ({ store }: HubParts, spokes: SpokeDirectory) =>
    new LiveObjects({ store, connect: connectTo(store, spokes) }),
  inject: [HUB_PARTS, SpokeDirectory],
};

/** Opens a destination, which may be the hub itself. */
function connectTo(store: Store, spokes: SpokeDirectory): (id: ClusterId) => Promise<SpokeClient> {
  return async (id) => (id === (await hubClusterId(store.pool)) ? new HubSpoke(store, id) : spokes.client(id));
}
