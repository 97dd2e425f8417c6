// What the scenarios declare and deploy. `ID` stands for the scenario, `REPO` for its repository.

/** A ConfigMap with one text. */
export const settings = (text: string, name = 'settings'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { text: '${text}' }\n`;

/** A Deployment that the spoke makes ready. */
export const deployment = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: ${name}, image: 'example.com/${name}:1' }] }
`;

const SPEC = (path: string, destination: string): string => `project: default
      source: { repoURL: 'REPO', path: '${path}', targetRevision: main }
      destination: { ${destination} }
      syncPolicy:
        automated: { prune: true, selfHeal: true }
        syncOptions: [CreateNamespace=true]`;

export interface TemplateInput {
  readonly set: string;
  /** Lines of YAML, as a list of generators. */
  readonly generators: string;
  readonly name: string;
  readonly path: string;
  /** Members of a flow map: `name: ...` or `server: ...`, and `namespace`. */
  readonly destination: string;
}

/** An ApplicationSet with an automated template. */
export const applicationSet = ({ set, generators, name, path, destination }: TemplateInput): string => `---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: 'ID-${set}' }
spec:
  generators:
${generators
  .trim()
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
  template:
    metadata: { name: '${name}' }
    spec:
      ${SPEC(path, destination)}
`;

/** An Application that goes to a spoke of the scenario, into a namespace of its own name. */
export const application = (
  name: string,
  { cluster, path }: { readonly cluster: string; readonly path: string },
): string => `---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: 'ID-${name}', finalizers: [resources-finalizer.argocd.argoproj.io] }
spec:
      ${SPEC(path, `name: 'ID-${cluster}', namespace: '${name}'`)}
`;

/** `count` Applications `app-00`, `app-01`, ... of one folder on one spoke. */
export function manyApplications(
  count: number,
  target: { readonly cluster: string; readonly path: string },
): {
  readonly names: readonly string[];
  readonly yaml: string;
} {
  const names = Array.from({ length: count }, (_, at) => `app-${String(at).padStart(2, '0')}`);
  return { names, yaml: names.map((name) => application(name, target)).join('') };
}
