// Two readings of the counters of tables in, what happened between them out.
import type { TableCounts } from './expand-record.js';

type Tables = Readonly<Record<string, TableCounts>>;

/** The differences by table, in order of name; tables that nobody touched are left out. */
export function rowsBetween(before: Tables, after: Tables): Record<string, TableCounts> {
  const none: TableCounts = { sequentialScans: 0, rowsFetched: 0, rowsWritten: 0 };
  const differences = Object.entries(after).map(([name, now]): [string, TableCounts] => {
    const old = before[name] ?? none;
    return [
      name,
      {
        sequentialScans: now.sequentialScans - old.sequentialScans,
        rowsFetched: now.rowsFetched - old.rowsFetched,
        rowsWritten: now.rowsWritten - old.rowsWritten,
      },
    ];
  });
  return Object.fromEntries(
    differences
      .filter(([, counts]) => counts.sequentialScans + counts.rowsFetched + counts.rowsWritten > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
