// Every kind that is judged by data. A new kind is an entry in one of these tables, and its golden cases.
import { rulesOf } from '../table.js';
import type { HealthRule } from '../types.js';
import { ARGO } from './argo.js';
import { CERTIFICATES } from './certificates.js';
import { CORE } from './core.js';
import { DATA } from './data.js';
import { FLUX } from './flux.js';
import { INFRASTRUCTURE } from './infrastructure.js';
import { NETWORKS } from './networks.js';
import { SECRETS } from './secrets.js';
import { SERVING } from './serving.js';

export const TABLE_RULES: readonly HealthRule[] = [
  ...CORE,
  ...CERTIFICATES,
  ...SECRETS,
  ...ARGO,
  ...FLUX,
  ...NETWORKS,
  ...INFRASTRUCTURE,
  ...SERVING,
  ...DATA,
].flatMap(rulesOf);
