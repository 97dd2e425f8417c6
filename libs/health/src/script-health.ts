// What a check in Lua answered in, the health that it means out (`compatibility.md` 2.8).
import type { ScriptAnswer } from './ports.js';
import { HEALTH_ORDER, type Health, type HealthStatus } from './types.js';
import { unknown } from './verdict.js';

/** `undefined`: the check has no opinion, which counts as healthy. */
export function healthOfScript(answer: ScriptAnswer): Health | undefined {
  switch (answer.kind) {
    case 'nothing':
      return undefined;
    case 'error':
      return unknown(`lua error: ${answer.message}`);
    case 'value':
      return isStatus(answer.status)
        ? { status: answer.status, message: answer.message }
        : unknown('the Lua check returned an invalid health status');
  }
}

function isStatus(text: string): text is HealthStatus {
  return (HEALTH_ORDER as readonly string[]).includes(text);
}
