// Types of `envtest.mjs`, which stays plain Node so that it runs before any build.

/** Where the binaries are, or the reason why there are none. */
export type EnvtestResult =
  { readonly folder: string; readonly reason?: undefined } | { readonly folder?: undefined; readonly reason: string };

export function envtestCacheFolder(env?: NodeJS.ProcessEnv): string;
export function findEnvtest(env?: NodeJS.ProcessEnv): EnvtestResult;
export function hasGo(): boolean;
export function ensureEnvtest(env?: NodeJS.ProcessEnv, log?: (line: string) => void): EnvtestResult;
