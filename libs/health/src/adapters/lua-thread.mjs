// A thread that runs health checks in Lua: one message is one run, in a state of its own. It is plain JavaScript, since a thread starts from a file
// that Node reads itself, in tests too. Whoever posts kills the thread when it takes too long: a hook cannot stop everything.
// @ts-check
import { parentPort, workerData } from 'node:worker_threads';
import { LuaFactory, LuaLibraries } from 'wasmoon';

/**
 * @typedef {{ readonly script: string, readonly object: unknown, readonly openLibs: boolean }} LuaRun
 * @typedef {{ readonly kind: 'value', readonly status: string, readonly message: string } | { readonly kind: 'nothing' }
 *   | { readonly kind: 'error', readonly message: string, readonly timedOut?: true }} LuaAnswer
 */

/** @type {{ readonly timeoutMs: number, readonly memoryBytes: number, readonly messageLength: number }} */
const { timeoutMs, memoryBytes, messageLength } = workerData;

const LIBRARIES = [LuaLibraries.Base, LuaLibraries.Table, LuaLibraries.String, LuaLibraries.Math, LuaLibraries.OS];
const OPEN_LIBRARIES = [LuaLibraries.UTF8, LuaLibraries.Coroutine];

/**
 * Makes the state what checks expect, which are written for Lua 5.1, takes away what reaches out of it, and runs the check. Only two short texts
 * leave: what a check returns may be large, deep or endless.
 */
const HARNESS = `
local source, limit = __source, __limit
__source, __limit = nil, nil
local load, pcall, type, tostring, rawget, select = load, pcall, type, tostring, rawget, select
local sub, gmatch, format, unpack_ = string.sub, string.gmatch, string.format, table.unpack
local floor, ceil, mathtype = math.floor, math.ceil, math.type

local whole = { d = true, i = true, c = true, o = true, u = true, x = true, X = true }
string.format = function(text, ...)
  local given, at = { n = select('#', ...), ... }, 0
  for conversion in gmatch(tostring(text), '%%[-+ #0]*%d*%.?%d*(.)') do
    if conversion ~= '%' then
      at = at + 1
      local value = given[at]
      if whole[conversion] and mathtype(value) == 'float' and value - value == 0 then
        given[at] = value >= 0 and floor(value) or ceil(value)
      end
    end
  end
  return format(text, unpack_(given, 1, given.n))
end
string.dump = nil
unpack = table.unpack
table.getn = function(list) return #list end
table.maxn = function(list)
  local most = 0
  for key in pairs(list) do
    if type(key) == 'number' and key > most then most = key end
  end
  return most
end
math.pow = function(a, b) return a ^ b end
math.mod = math.fmod
math.log10 = function(a) return math.log(a, 10) end
local function textOnly(chunk, name, _, ...)
  return load(chunk, name, 't', ...)
end
_G.load, loadstring = textOnly, textOnly
dofile, loadfile, collectgarbage, io, debug = nil, nil, nil, nil, nil
print = function() end
os = { time = os.time, date = os.date, clock = os.clock, difftime = os.difftime }
package = { loaded = { _G = _G, os = os, string = string, table = table, math = math, utf8 = utf8, coroutine = coroutine } }
local loaded = package.loaded
require = function(name)
  return loaded[name] or error('module "' .. tostring(name) .. '" is not available to checks', 2)
end

local function short(value)
  return (type(value) == 'string' or type(value) == 'number') and sub(tostring(value), 1, limit) or ''
end
local chunk, problem = load(source, '=check', 't')
if chunk == nil then return 'error', short(problem), '' end
local ran, result = pcall(chunk)
if not ran then return 'error', type(result) == 'string' and short(result) or 'it raised a value that is no text', '' end
if result == nil then return 'nothing', '', '' end
if type(result) ~= 'table' then return 'error', 'it returned a ' .. type(result) .. ', not a table', '' end
return 'value', short(rawget(result, 'status')), short(rawget(result, 'message'))
`;

const factory = new LuaFactory();
await factory.getLuaModule();

/**
 * A member that is null is none in Lua.
 * @param {unknown} value
 * @returns {unknown}
 */
function withoutNulls(value) {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

/**
 * @param {LuaRun} run
 * @returns {Promise<LuaAnswer>}
 */
async function answer({ script, object, openLibs }) {
  const engine = await factory.createEngine({
    openStandardLibs: false,
    injectObjects: false,
    enableProxy: false,
    traceAllocations: true,
  });
  const { global: state } = engine;
  for (const library of openLibs ? [...LIBRARIES, ...OPEN_LIBRARIES] : LIBRARIES) state.loadLibrary(library);
  state.set('obj', withoutNulls(object));
  state.set('__source', script);
  state.set('__limit', messageLength);
  state.setMemoryMax(state.getMemoryUsed() + memoryBytes);
  try {
    state.loadString(HARNESS, '=harness');
    const endsAt = Date.now() + timeoutMs;
    state.setTimeout(endsAt);
    const [kind, first, second] = state.runSync();
    if (kind === 'error' && Date.now() >= endsAt)
      return { kind, message: `it ran for more than ${timeoutMs} ms`, timedOut: true };
    if (kind === 'value') return { kind, status: String(first), message: String(second) };
    return kind === 'nothing' ? { kind } : { kind: 'error', message: String(first) };
  } finally {
    state.setTimeout(undefined);
    state.setMemoryMax(undefined);
    state.close();
  }
}

parentPort?.on('message', (/** @type {LuaRun} */ run) => {
  answer(run).then(
    (given) => parentPort?.postMessage(given),
    (/** @type {unknown} */ error) => {
      // What Lua itself could not report, such as the end of its memory outside of any call, leaves a state that nothing is known of.
      const message = error instanceof Error ? error.message.slice(0, messageLength) : 'it failed';
      parentPort?.postMessage({ kind: 'error', message, broken: true });
    },
  );
});
parentPort?.postMessage('ready');
