// The Git repository of an experiment, on this machine.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GIT_MS = 60_000;

/** One working tree with a `main` branch. */
export class Repository {
  private constructor(private readonly folder: string) {}

  /** Makes it with one commit of the given files (path -> text). */
  static async create(folder: string, files: ReadonlyMap<string, string>): Promise<Repository> {
    await mkdir(folder, { recursive: true });
    const repository = new Repository(folder);
    await repository.git(['init', '--quiet', '--initial-branch=main']);
    await repository.commit('First commit', files);
    return repository;
  }

  get url(): string {
    return pathToFileURL(this.folder).href;
  }

  /** Writes files and commits them; answers the commit. */
  async commit(message: string, files: Iterable<readonly [path: string, text: string]>): Promise<string> {
    for (const [name, text] of files) {
      const file = path.join(this.folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    await this.git(['add', '--all']);
    await this.git(['commit', '--quiet', '--message', message]);
    return await this.git(['rev-parse', 'HEAD']);
  }

  /** Removes files and commits that; answers the commit. */
  async remove(message: string, files: readonly string[]): Promise<string> {
    await this.git(['rm', '--quiet', '--', ...files]);
    await this.git(['commit', '--quiet', '--message', message]);
    return await this.git(['rev-parse', 'HEAD']);
  }

  private async git(argv: readonly string[]): Promise<string> {
    const identity = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.com', '-c', 'commit.gpgsign=false'];
    const { stdout } = await run('git', ['-C', this.folder, ...identity, ...argv], { timeout: GIT_MS });
    return stdout.trim();
  }
}
