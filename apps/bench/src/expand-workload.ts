// Sizes and a seed in, the spokes and sets of the expand experiment out: the same for the same numbers on every machine.
import type { ApplicationSet, ApplicationSetSpec, Generator } from '@wheelwright/intent';
import type { ExpandFlags } from './flags.js';
import { randomFrom } from './workload.js';

const REPO = 'https://git.example.com/fleet.git';
/** Applications of the cold expansions. */
export const COLD_APPLICATIONS = 10_000;

export interface BenchCluster {
  readonly name: string;
  readonly server: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Groups of spokes and sets that meet: two spokes in each, so that a label concerns as few sets as there are in two groups. */
export function groupsOf({ clusters }: ExpandFlags): number {
  return Math.max(1, Math.floor(clusters / 2));
}

/** Spokes with labels as fleets have them; which group each is in follows from the seed. */
export function benchClusters(flags: ExpandFlags): readonly BenchCluster[] {
  const random = randomFrom(flags.seed);
  const order = Array.from({ length: flags.clusters }, (_, index) => ({ index, key: random() }));
  order.sort((a, b) => a.key - b.key);
  return order.map(({ index }, place) => ({
    name: `spoke-${String(index)}`,
    server: `https://spoke-${String(index)}.example.com:6443`,
    labels: {
      env: 'prod',
      region: `region-${String(index % 7)}`,
      group: `group-${String(place % groupsOf(flags))}`,
      shard: `shard-${String(place % shardsOf(flags))}`,
    },
  }));
}

/** Shards of about a hundred spokes. */
function shardsOf({ clusters }: ExpandFlags): number {
  return Math.max(1, Math.round(clusters / 100));
}

/** Sets that each read the spokes of one group. */
export function groupSets(flags: ExpandFlags): readonly ApplicationSet[] {
  return Array.from({ length: flags.sets }, (_, index) => {
    const matchLabels = { env: 'prod', group: `group-${String(index % groupsOf(flags))}` };
    const name = `set-${String(index)}`;
    return setOf(name, [{ clusters: { selector: { matchLabels } } }], flatOf(name));
  });
}

/** One set: every spoke by as many elements of a list as make 10,000 Applications. */
export function matrixSet(flags: ExpandFlags, mode: 'flat' | 'go'): ApplicationSet {
  const count = Math.max(1, Math.round(COLD_APPLICATIONS / flags.clusters));
  const elements = Array.from({ length: count }, (_, index) => ({ app: `app-${String(index)}` }));
  const generators = [
    { matrix: { generators: [{ clusters: { selector: { matchLabels: { env: 'prod' } } } }, { list: { elements } }] } },
  ];
  return setOf('all', generators, mode === 'go' ? GO_MATRIX : FLAT_MATRIX);
}

/** Sets of about a hundred Applications each that make 10,000 together. */
export function shardSets(flags: ExpandFlags): readonly ApplicationSet[] {
  const shards = shardsOf(flags);
  const count = Math.round((COLD_APPLICATIONS * shards) / flags.clusters);
  return Array.from({ length: count }, (_, index) => {
    const matchLabels = { shard: `shard-${String(index % shards)}` };
    const name = `set-${String(index)}`;
    return setOf(name, [{ clusters: { selector: { matchLabels } } }], flatOf(name));
  });
}

type Template = Pick<ApplicationSetSpec, 'template' | 'goTemplate' | 'goTemplateOptions'>;

function setOf(name: string, generators: readonly Generator[], template: Template): ApplicationSet {
  return {
    metadata: { name, namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] },
    spec: { generators, ...template },
  };
}

function templateOf(name: string, path: string, server: string, region: string): ApplicationSetSpec['template'] {
  return {
    metadata: { name, labels: { region, team: 'platform' } },
    spec: {
      project: 'default',
      source: { repoURL: REPO, targetRevision: 'main', path },
      destination: { server, namespace: 'web' },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
    },
  };
}

const flatOf = (set: string): Template => ({
  goTemplate: false,
  template: templateOf(`${set}-{{name}}`, 'apps/web', '{{server}}', '{{metadata.labels.region}}'),
});
const FLAT_MATRIX: Template = {
  goTemplate: false,
  template: templateOf('{{app}}-{{name}}', 'apps/{{app}}', '{{server}}', '{{metadata.labels.region}}'),
};
const GO_MATRIX: Template = {
  goTemplate: true,
  goTemplateOptions: ['missingkey=error'],
  template: templateOf('{{.app}}-{{.name}}', 'apps/{{.app}}', '{{.server}}', '{{.metadata.labels.region}}'),
};
