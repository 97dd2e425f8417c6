// The live comparison, as the GraphQL API asks for it.
import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { HubSpoke } from '@wheelwright/intent/adapters';
import { CompareSettingsReader } from '@wheelwright/plan/adapters';
import { JqPaths } from '@wheelwright/platform-jq';
import { hubClusterId, KeyRing, SpokeDirectory } from '@wheelwright/registry/adapters';
import { StoredRenders } from '@wheelwright/render/adapters';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { LiveDiff } from './live-diff.js';
import { DiffPort } from './ports.js';

/** Provides {@link DiffPort} everywhere in the hub. */
@Global()
@Module({})
export class DiffModule {
  /** Without a `diff` given: the one that asks the spokes. */
  static register(diff?: DiffPort): DynamicModule {
    const provider: Provider = diff === undefined ? LIVE : { provide: DiffPort, useValue: diff };
    return { module: DiffModule, providers: [provider], exports: [DiffPort] };
  }
}

const LIVE: Provider = {
  provide: DiffPort,
  useFactory: ({ store, config }: HubParts, spokes: SpokeDirectory, ring: KeyRing) => {
    const settings = new CompareSettingsReader(store);
    const stored = new StoredRenders(store, ring);
    return new LiveDiff({
      store,
      connect: async (id) => (id === (await hubClusterId(store.pool)) ? new HubSpoke(store, id) : spokes.client(id)),
      recall: async (key) => (await stored.load(key))?.set,
      installationId: config.installationId,
      compare: () => settings.current(),
      jq: new JqPaths(),
    });
  },
  inject: [HUB_PARTS, SpokeDirectory, KeyRing],
};
