/** Polls until the condition holds; answers whether it did before the deadline. */
export function waitUntil(condition: () => boolean | Promise<boolean>, deadlineMs: number): Promise<boolean>;

/** Whether a process exists (also when it belongs to another user). */
export function isAlive(pid: number): boolean;

/** Sends the signals one after another, each with its own deadline, until the process is gone. */
export function stopPid(pid: number, signals: readonly NodeJS.Signals[], deadlineMs: number): Promise<void>;
