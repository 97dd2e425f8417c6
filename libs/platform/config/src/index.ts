export { type EncryptionKey } from './encryption-keys.js';
export { loadHubConfig, loadWorkerConfig, type HubConfig, type WorkerConfig } from './load.js';
export * from './networks.js';
export * from './reference.js';
export * from './secret.js';
