// The gatherers of facts that neither Postgres nor a repository holds, wired once.
import type { Askers } from '../gatherer.js';
import { decisionFacts } from './decisions-facts.js';
import type { GathererParts } from './parts.js';
import { pluginFacts } from './plugin-facts.js';
import { pullRequestFacts, scmFacts } from './scm-facts.js';

export type { DecisionSpoke, GathererParts, GatherSettings, InputReader } from './parts.js';

/** Those whom generators ask: Git hosts, plugins and spokes with decisions. Credentials are resolved for each question, and kept by nobody here. */
export function createGatherers(parts: GathererParts): Askers {
  return {
    repositories: (request) => scmFacts(parts, request),
    pullRequests: (request) => pullRequestFacts(parts, request),
    plugin: (request) => pluginFacts(parts, request),
    decisions: (request) => decisionFacts(parts, request),
  };
}
