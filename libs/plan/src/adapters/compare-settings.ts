// The settings of argocd-cm about comparing, as they stand in Postgres.
import { SETTINGS_CONFIG_MAP } from '@wheelwright/intent';
import type { Store } from '@wheelwright/platform-store';
import { DEFAULT_COMPARE_SETTINGS, readCompareSettings, type CompareSettings, type PlanWarning } from '../index.js';

/** Reads the settings; parses them only when they moved. */
export class CompareSettingsReader {
  private digest = '';
  private settings: CompareSettings = DEFAULT_COMPARE_SETTINGS;

  /** `tell` hears, once per change, what cannot be read and is left out. */
  constructor(
    private readonly store: Pick<Store, 'pool'>,
    private readonly tell: (warnings: readonly PlanWarning[]) => void = () => undefined,
  ) {}

  /** The settings as of now. */
  async current(): Promise<CompareSettings> {
    const { kind, namespace, name } = SETTINGS_CONFIG_MAP;
    const { rows } = await this.store.pool.query<{ digest: string; data: Record<string, string> | null }>(
      `SELECT digest, CASE WHEN digest = $4 THEN NULL ELSE data END AS data FROM generator_inputs WHERE kind = $1 AND namespace = $2 AND name = $3`,
      [kind, namespace, name, this.digest],
    );
    const [row] = rows;
    if (row === undefined) this.take('', {});
    else if (row.data !== null) this.take(row.digest, row.data);
    return this.settings;
  }

  private take(digest: string, data: Readonly<Record<string, string>>): void {
    if (digest === this.digest) return;
    const { settings, warnings } = readCompareSettings(data);
    if (warnings.length > 0) this.tell(warnings);
    this.digest = digest;
    this.settings = settings;
  }
}
