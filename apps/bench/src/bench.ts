// What a running experiment has in its hands.
import type { FleetFlags } from './flags.js';
import type { HubClient } from './hub-client.js';
import type { Product } from './product.js';
import type { Repository } from './repository.js';
import type { Spokes } from './spokes.js';

/** A started product with its spokes, its repository and an administrator. */
export interface Bench {
  readonly flags: FleetFlags;
  /** Applications that the declaration makes: clusters times directories. */
  readonly applications: number;
  readonly sweepMs: number;
  readonly product: Product;
  readonly spokes: Spokes;
  readonly repository: Repository;
  readonly hub: HubClient;
  readonly webhookSecret: string;
  /** Promises found broken; phases add to it. */
  readonly violations: string[];
}
