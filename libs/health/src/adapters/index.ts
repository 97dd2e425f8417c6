export { BUILT_IN_JUDGE, HealthJudge, RememberedVerdicts, type Judge } from './health-judge.js';
export { LUA_LIMITS, LuaRunner, type LuaLimits } from './lua-runner.js';
export { rejudgeKinds } from './rejudge.js';
