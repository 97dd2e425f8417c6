// A size and a seed in, everything that the experiment declares out: the same for the same numbers on every machine.
import { createHash } from 'node:crypto';
import type { FleetFlags } from './flags.js';

/** Random numbers in 0..1 that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Name of the directory, of its ApplicationSet and of its namespace. Counted from 1. */
export const appName = (at: number): string => `app-${String(at).padStart(3, '0')}`;

/** The object that the experiment changes, in every directory. */
export const SETTINGS = { apiVersion: 'v1', kind: 'ConfigMap', name: 'settings' } as const;

const WORDS = 'hub rim spoke axle felloe nave strake linchpin bench adze lathe auger'.split(' ');
/** Bytes of text in a ConfigMap: with its metadata about what a small real one has. */
const TEXT_BYTES = 700;

function text(random: () => number): string {
  const words: string[] = [];
  for (let length = 0; length < TEXT_BYTES; length += 1 + (words.at(-1)?.length ?? 0))
    words.push(WORDS[Math.floor(random() * WORDS.length)] ?? '');
  return words.join(' ');
}

const configMap = (name: string, content: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  text: ${content}\n`;

const deployment = (app: string, tag: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: { app: ${app} }
spec:
  replicas: 2
  selector:
    matchLabels: { app: ${app} }
  template:
    metadata:
      labels: { app: ${app} }
    spec:
      containers:
        - name: web
          image: registry.example.com/${app}:1.${tag}.0
          ports: [{ containerPort: 8080 }]
          env:
            - { name: LISTEN, value: ':8080' }
          resources:
            requests: { cpu: 50m, memory: 64Mi }
`;

const service = (app: string): string => `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: { app: ${app} }
  ports: [{ port: 80, targetPort: 8080 }]
`;

/** The manifest that is changed, with its text. */
export const settingsFile = (at: number, content: string): readonly [path: string, text: string] => [
  `${appName(at)}/settings.yaml`,
  configMap(SETTINGS.name, content),
];

/** All files of the repository: in each directory the settings, a Deployment, a Service, and ConfigMaps up to `objects`. */
export function repositoryFiles({ apps, objects, seed }: FleetFlags): ReadonlyMap<string, string> {
  const random = randomFrom(seed);
  const files = new Map<string, string>();
  for (let at = 1; at <= apps; at += 1) {
    const app = appName(at);
    const all: (readonly [string, string])[] = [
      settingsFile(at, text(random)),
      [`${app}/deployment.yaml`, deployment(app, Math.floor(random() * 100))],
      [`${app}/service.yaml`, service(app)],
    ];
    for (let more = all.length + 1; more <= objects; more += 1)
      all.push([`${app}/config-${String(more)}.yaml`, configMap(`config-${String(more)}`, text(random))]);
    for (const [path, content] of all.slice(0, objects)) files.set(path, content);
  }
  return files;
}

/** Labels of a spoke, by its number. */
export function labelsOf(at: number): Readonly<Record<string, string>> {
  const pick = <T>(values: readonly T[]): T | undefined => values[at % values.length];
  return {
    bench: 'fleet',
    environment: pick(['production', 'staging', 'edge', 'production']) ?? '',
    region: pick(['eu', 'us', 'ap']) ?? '',
  };
}

/** One ApplicationSet per directory, with a clusters generator over all registered spokes. */
export function applicationSets({ apps }: FleetFlags, repoURL: string): readonly string[] {
  return Array.from({ length: apps }, (_, at) => applicationSet(appName(at + 1), repoURL));
}

const applicationSet = (app: string, repoURL: string): string => `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: ${app}
spec:
  generators:
    - clusters:
        selector:
          matchLabels: { bench: fleet }
  template:
    metadata:
      name: '{{name}}-${app}'
    spec:
      project: default
      source: { repoURL: '${repoURL}', path: ${app}, targetRevision: main }
      destination: { server: '{{server}}', namespace: ${app} }
      syncPolicy:
        automated: { prune: true, selfHeal: true }
        syncOptions: [CreateNamespace=true]
`;

/** Digest of all files: two runs with one seed worked on the same bytes. */
export function workloadDigest(files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const [path, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${path}\0${content}\0`);
  return hash.digest('hex').slice(0, 16);
}
