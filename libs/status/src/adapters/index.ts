export * from './due-store.js';
export * from './hold-revision.js';
export { RESTORABLE_KINDS, type HistoryEntry, type HistoryKind } from './history-rows.js';
export * from './leases.js';
export * from './status-store.js';
