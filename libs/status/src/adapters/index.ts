export * from './due-store.js';
export * from './leases.js';
export * from './status-store.js';
