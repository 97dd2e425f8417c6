// What the demo declares: an ApplicationSet of each kind, and the project they live in.

const automated = `syncPolicy:
        automated: { prune: true, selfHeal: true }
        syncOptions: [CreateNamespace=true]`;

/** The YAML of the whole demo. `first` is the cluster that gets the services of the Git generator. */
export function manifests({ repoURL, first, edge }) {
  return `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: platform
spec:
  description: What the platform team runs on every cluster
  sourceRepos: ['${repoURL}']
  destinations:
    - { server: '*', namespace: '*' }
  clusterResourceWhitelist:
    - { group: '', kind: Namespace }
---
# One Application for each production cluster, by label.
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: platform-services
spec:
  generators:
    - clusters:
        selector:
          matchLabels: { environment: production }
  template:
    metadata:
      name: '{{name}}-platform'
    spec:
      project: platform
      source: { repoURL: '${repoURL}', path: 'clusters/{{name}}/platform', targetRevision: main }
      destination: { server: '{{server}}', namespace: platform }
      ${automated}
---
# The same on every registered cluster, whatever its labels.
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: guestbook
spec:
  generators:
    - clusters:
        selector:
          matchExpressions: [{ key: environment, operator: Exists }]
  template:
    metadata:
      name: '{{name}}-guestbook'
    spec:
      project: default
      source: { repoURL: '${repoURL}', path: guestbook, targetRevision: main }
      destination: { server: '{{server}}', namespace: guestbook }
      ${automated}
---
# One Application for each directory of services/.
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: services
spec:
  generators:
    - git:
        repoURL: '${repoURL}'
        revision: main
        directories:
          - path: services/*
  template:
    metadata:
      name: '{{path.basename}}'
    spec:
      project: default
      source: { repoURL: '${repoURL}', path: '{{path}}', targetRevision: main }
      destination: { name: '${first}', namespace: '{{path.basename}}' }
      ${automated}
---
# A list, written by hand.
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: edge-cart
spec:
  generators:
    - list:
        elements:
${edge.map((name) => `          - { cluster: '${name}', tier: edge }`).join('\n')}
  template:
    metadata:
      name: '{{cluster}}-cart'
      labels: { tier: '{{tier}}' }
    spec:
      project: default
      source: { repoURL: '${repoURL}', path: services/cart, targetRevision: main }
      destination: { name: '{{cluster}}', namespace: shop }
      ${automated}
`;
}
