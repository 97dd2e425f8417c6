/** A TCP port of 127.0.0.1 that was free a moment ago. Whoever binds it must be ready to ask again. */
export function freePort(): Promise<number>;
