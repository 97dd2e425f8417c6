// Takes a schema away from programs that work in it: how a test loses all data of a queue.

const DEADLOCK = '40P01';
const ATTEMPTS = 20;

/**
 * Drops a schema with everything in it. Postgres may end the wait of either side for the other's locks: then it is tried again.
 * @param schema an identifier of ours
 */
export async function dropBusySchema(db: { query(text: string): Promise<unknown> }, schema: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await db.query(`DROP SCHEMA ${schema} CASCADE`);
      return;
    } catch (error) {
      const isDeadlock = error instanceof Error && 'code' in error && error.code === DEADLOCK;
      if (!isDeadlock || attempt === ATTEMPTS) throw error;
    }
  }
}
