export * from './address.js';
export { registrationOfSecret, SECRET_TYPE_LABEL } from './cluster-secret.js';
export { hubFactsOfSecret, type HubFacts } from './hub-facts.js';
export { nextProbeMs } from './probe-schedule.js';
export { parsePatch, parseRegistration, patchBody, registrationBody } from './registration.js';
export * from './sealing.js';
export type * from './types.js';
