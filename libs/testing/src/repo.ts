// A real Git repository in a folder of its own, for tests and for the demo: files in, commits out.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '@wheelwright/platform-exec';

const ENV = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
};

export class TestRepo {
  private constructor(
    /** Folder that holds the work tree. */
    readonly path: string,
    private readonly removed: string,
  ) {}

  /** Creates an empty repository with the branch `main`: in `parent`, or in a temporary folder. */
  static async create(name = 'repo', parent?: string): Promise<TestRepo> {
    const root = parent ?? (await mkdtemp(join(tmpdir(), 'wheelwright-repo-')));
    const path = join(root, name);
    await mkdir(path, { recursive: true });
    const repo = new TestRepo(path, parent === undefined ? root : path);
    await repo.git('init', '--quiet', '--initial-branch=main');
    return repo;
  }

  /** As users write it in `repoURL`. */
  get url(): string {
    return `file://${this.path}`;
  }

  /** Runs a Git command in the work tree and gives its output, trimmed. Throws where it fails. */
  async git(...argv: readonly string[]): Promise<string> {
    const result = await run('git', argv, { cwd: this.path, env: ENV, timeoutMs: 60_000, maxOutputBytes: 1 << 24 });
    if (result.code !== 0) throw new Error(`git ${argv.join(' ')}: ${result.stderr}`);
    return result.stdout.toString('utf8').trim();
  }

  /** Writes files (path to content; null removes one), commits everything and gives the commit's id. */
  async commit(files: Readonly<Record<string, string | Uint8Array | null>>): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.path, path);
      if (content === null) {
        await rm(file, { recursive: true });
        continue;
      }
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '--message', 'change');
    return this.git('rev-parse', 'HEAD');
  }

  async remove(): Promise<void> {
    await rm(this.removed, { recursive: true, force: true });
  }
}
