export type { Pool, PoolClient } from 'pg';
export * from './cursor.js';
export * from './due.js';
export { Prisma, PrismaClient } from './generated/client.js';
export * from './listener.js';
export * from './migrate.js';
export * from './outbox.js';
export * from './store.js';
export * from './store.module.js';
