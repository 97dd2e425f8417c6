export type { FileChange } from './changes.js';
export type { GitCounters } from './counters.js';
export { GitMirrors } from './git-mirrors.js';
export type { GitMirrorsOptions } from './options.js';
export { isObjectId, isSafeRevision } from './revisions.js';
export type { FileEntry, ReadTreeOptions, SkippedEntry, TreeContent, TreeFile } from './tree.js';
