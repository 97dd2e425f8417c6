// The settings that the hub keeps of `argocd-cm` in, the judge that goes by their health checks out.
import { readUserChecks } from '@wheelwright/health';
import { HealthJudge, LuaRunner, RememberedVerdicts, type Judge } from '@wheelwright/health/adapters';
import { SETTINGS_CONFIG_MAP } from '@wheelwright/intent';
import type { Store } from '@wheelwright/platform-store';

const WHERE = 'kind = $1 AND namespace = $2 AND name = $3';
const KEY = [SETTINGS_CONFIG_MAP.kind, SETTINGS_CONFIG_MAP.namespace, SETTINGS_CONFIG_MAP.name];

/** The checks of users as this process knows them: the settings are read again only where their digest moved. */
export class UserHealth {
  private readonly runner = new LuaRunner();
  private readonly remembered = new RememberedVerdicts();
  private known: { readonly digest: string; readonly judge: Judge } | undefined;

  constructor(private readonly store: Store) {}

  /** The judge as of now; costs one read of a digest. */
  async current(): Promise<Judge> {
    const { rows } = await this.store.pool.query<{ digest: string }>(
      `SELECT digest FROM generator_inputs WHERE ${WHERE}`,
      KEY,
    );
    const digest = rows[0]?.digest ?? '';
    if (this.known?.digest !== digest) this.known = { digest, judge: await this.read() };
    return this.known.judge;
  }

  async close(): Promise<void> {
    await this.runner.close();
  }

  private async read(): Promise<Judge> {
    const { rows } = await this.store.pool.query<{ data: Readonly<Record<string, string>> }>(
      `SELECT data FROM generator_inputs WHERE ${WHERE}`,
      KEY,
    );
    // What cannot be used was said when the settings were applied.
    const { checks } = readUserChecks(rows[0]?.data ?? {});
    return new HealthJudge(checks, this.runner, this.remembered);
  }
}
