// The door of the REST clients of Git hosts.
export { createScmClient } from './client.js';
export type { ScmErrorReason } from './errors.js';
export { ALLOWED_HOSTS_SETTING, type ScmClientOptions } from './options.js';
export type * from './types.js';
