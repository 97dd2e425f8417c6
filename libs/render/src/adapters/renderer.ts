// A pinned tree in, its objects out: from memory, from Postgres, or rendered now and kept for the whole fleet.
import type { ApplicationSource, DirectoryOptions } from '@wheelwright/intent';
import { AppError, digestOf } from '@wheelwright/kernel';
import type { ReadFilesOptions, SourceFiles, SourceTree } from '@wheelwright/source';
import { assertDirectory, isToolMarker } from '../detect-tool.js';
import { RENDER_LIMITS } from '../limits.js';
import { renderDirectory, selectsFile } from '../render-directory.js';
import type { RenderedSet, Rendering } from '../types.js';
import { ByteLru, type Sized } from './byte-lru.js';
import type { StoredRenders, StoredSet } from './stored-renders.js';

/** Where the files of a tree come from: the source room. */
export interface TreeFiles {
  readFiles(tree: SourceTree, options: ReadFilesOptions): Promise<SourceFiles>;
}

export interface RendererOptions {
  readonly stored: StoredRenders;
  readonly files: TreeFiles;
  /** Memory for results that were used lately. Default 64 MiB. */
  readonly maxCacheBytes?: number;
}

/** Running totals since the start of the process. */
export interface RenderCounters {
  /** Sources that were read and parsed. */
  readonly rendered: number;
  /** Results that another process, or an earlier run, had left in Postgres. */
  readonly loaded: number;
  /** Results from memory. */
  readonly remembered: number;
}

/** Part of every key: raise it when the same bytes give other objects. */
const RENDERER_VERSION = 1;
const DEFAULT_CACHE_BYTES = 64 * 1_024 * 1_024;
/** What a parsed object takes in memory, compared with its JSON text. */
const MEMORY_FACTOR = 4;
/** A failure is a result too: the same bytes fail again. */
const FAILURE_BYTES = 4_096;

type Result = { readonly set: RenderedSet } | { readonly failure: AppError };

export class Renderer {
  readonly #lru: ByteLru<Result>;
  readonly #counters = { rendered: 0, loaded: 0, remembered: 0 };

  constructor(private readonly options: RendererOptions) {
    this.#lru = new ByteLru(options.maxCacheBytes ?? DEFAULT_CACHE_BYTES);
  }

  get counters(): RenderCounters {
    return { ...this.#counters };
  }

  /**
   * Objects of a source. An unchanged tree with unchanged options is rendered once, for all Applications, clusters, commits and processes.
   * Throws RenderFailed for what is wrong with the content, SourceFailed where it cannot be read.
   */
  async render(tree: SourceTree, source: ApplicationSource): Promise<Rendering> {
    assertDirectory(source, []);
    const key = renderKey(tree, source);
    const kept = this.#lru.peek(key);
    if (kept !== undefined) this.#counters.remembered += 1;
    let cached = true;
    const renderNow = (): Promise<RenderedSet> => {
      cached = false;
      return this.#renderNow(tree, source);
    };
    const result = await (kept ?? this.#lru.make(key, () => this.#make(key, renderNow)));
    if ('failure' in result) throw result.failure;
    return { key, set: result.set, cached };
  }

  async #make(key: string, renderNow: () => Promise<RenderedSet>): Promise<Sized<Result>> {
    const loaded = await this.#load(key);
    if (loaded !== undefined) return loaded;
    this.#counters.rendered += 1;
    try {
      return sized(await this.options.stored.save(key, await renderNow()));
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'RenderFailed')) throw error;
      return { value: { failure: error }, bytes: FAILURE_BYTES };
    }
  }

  async #renderNow(tree: SourceTree, source: ApplicationSource): Promise<RenderedSet> {
    const options = directoryOptions(source);
    const selects = selectsFile(options);
    const { files, skipped } = await this.options.files.readFiles(tree, {
      recurse: options.recurse === true,
      maxFiles: RENDER_LIMITS.maxFiles,
      maxBytes: RENDER_LIMITS.maxBytes,
      accept: (path) => selects(path) || isToolMarker(path),
    });
    assertDirectory(
      source,
      files.map((file) => file.path),
    );
    const set = renderDirectory(files, options);
    const ignored = skipped
      .filter(({ path }) => selects(path))
      .map(({ path, reason }) => `${path}: left out, it is a ${reason}`);
    return { ...set, warnings: [...set.warnings, ...ignored] };
  }

  async #load(key: string): Promise<Sized<Result> | undefined> {
    const stored = await this.options.stored.load(key);
    if (stored === undefined) return undefined;
    this.#counters.loaded += 1;
    return sized(stored);
  }
}

function sized({ set, textLength }: StoredSet): Sized<Result> {
  return { value: { set }, bytes: MEMORY_FACTOR * textLength };
}

function directoryOptions(source: ApplicationSource): DirectoryOptions {
  return source.directory ?? {};
}

/** Everything that the result depends on. The commit, the repository and the Application do not. */
function renderKey(tree: SourceTree, source: ApplicationSource): string {
  const { recurse = false, include = '', exclude = '' } = directoryOptions(source);
  return digestOf({
    renderer: `directory/${RENDERER_VERSION}`,
    tree: tree.treeDigest,
    // Whether the folder's own files may name a tool.
    explicit: source.directory !== undefined,
    recurse,
    include,
    exclude,
  });
}
