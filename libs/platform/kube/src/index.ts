export { addressPolicy, guardedLookup, refusedHost, type AddressPolicy, type AllowedNetwork } from './addresses.js';
export type { BreakerOptions } from './breaker.js';
export * from './clients.js';
export * from './kubeconfig.js';
export { mapBounded } from './map-bounded.js';
export { collectionPath, resourcePath } from './paths.js';
export type * from './types.js';
export type { WindowOptions } from './window.js';
