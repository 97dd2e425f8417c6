export * from './actor.js';
export * from './decide.js';
export * from './project-roles.js';
export * from './reach.js';
export * from './role-actions.js';
export type * from './ports.js';
