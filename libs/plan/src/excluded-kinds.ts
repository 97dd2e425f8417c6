// Kinds that are never managed, as Argo CD ships its exclusions: they are written by controllers, often by the thousand.

const EXCLUDED: Readonly<Record<string, readonly string[]>> = {
  '': ['Endpoints'],
  'discovery.k8s.io': ['EndpointSlice'],
  'coordination.k8s.io': ['Lease'],
  'authentication.k8s.io': ['SelfSubjectReview', 'TokenReview'],
  'authorization.k8s.io': [
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
    'SubjectAccessReview',
  ],
  'certificates.k8s.io': ['CertificateSigningRequest'],
  'cert-manager.io': ['CertificateRequest'],
  'cilium.io': ['CiliumIdentity', 'CiliumEndpoint', 'CiliumEndpointSlice'],
};

const POLICY_GROUPS = new Set(['kyverno.io', 'reports.kyverno.io', 'wgpolicyk8s.io']);
const POLICY_KINDS = new Set([
  'PolicyReport',
  'ClusterPolicyReport',
  'EphemeralReport',
  'ClusterEphemeralReport',
  'AdmissionReport',
  'ClusterAdmissionReport',
  'BackgroundScanReport',
  'ClusterBackgroundScanReport',
  'UpdateRequest',
]);

/** Whether objects of a kind are left out of every Application. */
export function excludesKind(group: string, kind: string): boolean {
  if (POLICY_GROUPS.has(group)) return POLICY_KINDS.has(kind);
  return Object.hasOwn(EXCLUDED, group) && (EXCLUDED[group] ?? []).includes(kind);
}
