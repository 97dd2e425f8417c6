// Finds or builds the real kube-apiserver and etcd that the contract suites run against, and prints the folder they are in.
// Plain Node, no dependencies. `npm run envtest` builds; `findEnvtest()` only looks.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MODULES = join(dirname(fileURLToPath(import.meta.url)), 'envtest');
const SUFFIX = process.platform === 'win32' ? '.exe' : '';
const VERSION = { text: 'v1.35.4', major: '1', minor: '35' };
const FLAG = '-X k8s.io/component-base/version';
const PARTS = [
  {
    folder: 'apiserver',
    binary: `kube-apiserver${SUFFIX}`,
    // Without these a client reads the version v0.0.0.
    flags: `-s -w ${FLAG}.gitVersion=${VERSION.text} ${FLAG}.gitMajor=${VERSION.major} ${FLAG}.gitMinor=${VERSION.minor}`,
  },
  { folder: 'etcd', binary: `etcd${SUFFIX}`, flags: '-s -w' },
];

/** Where built binaries go: outside the checkout, one folder per state of the modules. */
export function envtestCacheFolder(env = process.env) {
  const root = env.WHEELWRIGHT_CACHE_DIR || env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const hash = createHash('sha256');
  for (const { folder } of PARTS) {
    for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(MODULES, folder, file)));
  }
  return join(root, 'wheelwright', 'envtest', hash.digest('hex').slice(0, 16));
}

function hasBinaries(folder) {
  return PARTS.every(({ binary }) => {
    try {
      accessSync(join(folder, binary), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** `{folder}` with kube-apiserver and etcd in it, or `{reason}` why there is none. Builds nothing. */
export function findEnvtest(env = process.env) {
  const given = env.KUBEBUILDER_ASSETS;
  if (given) {
    if (hasBinaries(given)) return { folder: given };
    return { reason: `KUBEBUILDER_ASSETS is ${given}, where kube-apiserver and etcd are not both to be found` };
  }
  const cached = envtestCacheFolder(env);
  if (hasBinaries(cached)) return { folder: cached };
  return { reason: 'no kube-apiserver: set KUBEBUILDER_ASSETS, or install Go and run `npm run envtest`' };
}

/** Whether a Go toolchain answers on PATH. */
export function hasGo() {
  return spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;
}

/** `{folder}` as of {@link findEnvtest}, building it first where that is possible (about 4 minutes on two cores), or `{reason}`. */
export function ensureEnvtest(env = process.env, log = (line) => process.stderr.write(`${line}\n`)) {
  const found = findEnvtest(env);
  if (found.folder !== undefined || env.KUBEBUILDER_ASSETS) return found;
  if (!hasGo()) return { reason: 'no kube-apiserver: KUBEBUILDER_ASSETS is unset and Go is not installed' };
  const target = envtestCacheFolder(env);
  mkdirSync(dirname(target), { recursive: true });
  // Built beside the target and renamed, so that nobody ever sees half of it.
  const building = mkdtempSync(`${target}.building-`);
  try {
    for (const part of PARTS) {
      log(`envtest: building ${part.binary} (minutes, the first time)`);
      const reason = build(part, building, env);
      if (reason !== undefined) return { reason };
    }
    try {
      renameSync(building, target);
    } catch (error) {
      // Another process was faster; its folder is as good as ours.
      if (!hasBinaries(target)) throw error;
    }
    return { folder: target };
  } finally {
    if (existsSync(building)) rmSync(building, { recursive: true, force: true });
  }
}

function build(part, into, env) {
  const goflags = [env.GOFLAGS, '-mod=readonly', '-buildvcs=false'].filter(Boolean).join(' ');
  const args = ['build', '-trimpath', '-ldflags', part.flags, '-o', join(into, part.binary), '.'];
  const result = spawnSync('go', args, {
    cwd: join(MODULES, part.folder),
    env: { ...env, CGO_ENABLED: '0', GOFLAGS: goflags },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status === 0) return undefined;
  return `go build of ${part.binary} failed: ${(result.stderr ?? '').trim().split('\n').slice(-3).join('; ') || result.error?.message}`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const result = ensureEnvtest();
  if (result.folder === undefined) {
    process.stderr.write(`${result.reason}\n`);
    process.exitCode = 1;
  } else {
    process.stdout.write(`${result.folder}\n`);
  }
}
