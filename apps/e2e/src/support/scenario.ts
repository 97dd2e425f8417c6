// One story: its own names, repository and spokes, on a product that it shares with others.
import { randomBytes } from 'node:crypto';
import { eventually, TestRepo } from '@wheelwright/testing';
import type { Product } from './product.js';
import type { Spoke } from './spokes.js';

const DEADLINE_MS = 60_000;

export interface Given {
  /** Spokes by a short name, with their labels beside `scenario: <id>`. */
  readonly clusters: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The first commit. */
  readonly files: Readonly<Record<string, string>>;
}

/** `Sync Health` by name of the Application. */
export type Verdicts = Readonly<Record<string, string>>;

export class Scenario {
  private constructor(
    readonly product: Product,
    /** In every name of this scenario. */
    readonly id: string,
    readonly repo: TestRepo,
    private readonly spokes: ReadonlyMap<string, Spoke>,
  ) {}

  /** Registers the spokes over REST and makes the repository. */
  static async given(product: Product, { clusters, files }: Given): Promise<Scenario> {
    const id = `s${randomBytes(4).toString('hex')}`;
    const repo = await TestRepo.create();
    await repo.commit(files);
    const spokes = new Map<string, Spoke>();
    for (const [name, labels] of Object.entries(clusters))
      spokes.set(name, await product.register(`${id}-${name}`, { scenario: id, ...labels }));
    return new Scenario(product, id, repo, spokes);
  }

  spoke(name: string): Spoke {
    const spoke = this.spokes.get(name);
    if (spoke === undefined) throw new Error(`the scenario has no spoke ${name}`);
    return spoke;
  }

  /** Applies YAML in which `ID` stands for this scenario and `REPO` for its repository. */
  async applies(yaml: string): Promise<void> {
    await this.product.hub.apply(this.fill(yaml));
  }

  /** The same text with this scenario's names. */
  fill(yaml: string): string {
    return yaml.replaceAll('ID', this.id).replaceAll('REPO', this.repo.url);
  }

  /** Commits (null removes a file) and tells the hub by webhook; answers the commit. */
  async commits(files: Readonly<Record<string, string | null>>): Promise<string> {
    const commit = await this.repo.commit(files);
    const { hub, webhookSecret } = this.product;
    const { status, text } = await hub.push(this.repo.url, { commit, secret: webhookSecret });
    if (status !== 202) throw new Error(`the webhook was refused: ${text}`);
    return commit;
  }

  /** The verdicts of this scenario's Applications, by name without the scenario's own part. */
  async verdicts(): Promise<Verdicts> {
    const views = await this.product.hub.applications({ text: this.id });
    return Object.fromEntries(
      views.map(({ name, sync, health }) => [name.replace(`${this.id}-`, ''), `${sync.status} ${health.status}`]),
    );
  }

  /** Waits until there are exactly these Applications, with these verdicts. */
  async becomes(expected: Verdicts, deadlineMs = DEADLINE_MS): Promise<void> {
    const wanted = canonical(expected);
    await this.until('the Applications are as expected', {
      ask: async () => canonical(await this.verdicts()),
      is: wanted,
      deadlineMs,
    });
  }

  /** Waits until there are exactly these Applications, all in sync and healthy. */
  async becomesHealthy(...names: readonly string[]): Promise<void> {
    await this.becomes(Object.fromEntries(names.map((name) => [name, 'Synced Healthy'])));
  }

  /** Waits until the answer is `is`; says what was waited for, and why it may be late, where it is not in time. */
  async until<Value>(
    what: string,
    {
      ask,
      is,
      deadlineMs = DEADLINE_MS,
    }: { readonly ask: () => Promise<Value>; readonly is: Value; readonly deadlineMs?: number },
  ): Promise<void> {
    try {
      await eventually(ask, (value) => value === is, deadlineMs);
    } catch (error) {
      const views = await this.product.hub.applications({ text: this.id });
      const troubled = views.filter(({ sync, health }) => sync.status !== 'Synced' || health.status !== 'Healthy');
      throw new Error(`${what}: not in time\n${JSON.stringify({ wanted: is, troubled: troubled.slice(0, 5) })}`, {
        cause: error,
      });
    }
  }

  /** Removes what other scenarios of the product would see. */
  async end(): Promise<void> {
    await this.repo.remove();
  }
}

const canonical = (verdicts: Verdicts): string =>
  Object.entries(verdicts)
    .map(([name, verdict]) => `${name}: ${verdict}`)
    .sort()
    .join('\n');
