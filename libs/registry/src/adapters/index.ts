export { checkSpoke, type Check } from './check.js';
export * from './cluster-deletion.js';
export { ClusterStore, type ClusterPage, type VersionedTarget } from './cluster-store.js';
export type { ClusterAction } from './cluster-writes.js';
export { applyHubFacts, ensureHubCluster, hubClusterId, isDeclaredCluster } from './hub-cluster.js';
export { KeyRing } from './key-ring.js';
export * from './registry.module.js';
export * from './rotate-keys.js';
export { SpokeDirectory, type ProbeOptions, type ProbeResult } from './spoke-directory.js';
