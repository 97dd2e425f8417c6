// What the health room needs from outside: something that runs Lua.
import type { KubeObject } from '@wheelwright/kernel';

/** One run of a check on an object. */
export interface ScriptRun {
  readonly script: string;
  readonly openLibs: boolean;
  readonly object: KubeObject;
}

/** What a script came to. `nothing`: it returned nil. */
export type ScriptAnswer =
  | { readonly kind: 'value'; readonly status: string; readonly message: string }
  | { readonly kind: 'nothing' }
  /** `timedOut`: its time was over, which another run on a quieter machine might not find. */
  | { readonly kind: 'error'; readonly message: string; readonly timedOut?: true };

/** Runs scripts that nobody trusts, each in a state of its own and within limits; it never throws and always answers. */
export interface ScriptRunner {
  run(run: ScriptRun): Promise<ScriptAnswer>;
}
