// The files of a directory source in, its Kubernetes objects out, in the order of files and documents. The same bytes give the same digest.
import type { DirectoryOptions } from '@wheelwright/intent';
import { AppError, compileGlob, digestOf, type Fault, type KubeObject } from '@wheelwright/kernel';
import type { SourceFile } from '@wheelwright/source';
import { RENDER_LIMITS, type RenderLimits } from './limits.js';
import { readJson } from './read-json.js';
import { readYaml, Refusal, type ManifestText } from './read-yaml.js';
import { toObjects } from './to-objects.js';
import type { RenderedSet } from './types.js';

const MANIFEST = /\.(?:yaml|yml|json|jsonnet)$/;
/** A file that holds this anywhere is left out (as in Argo CD). */
const SKIP_MARKER = '+argocd:skip-file-rendering';
/** Every manifest holds these words; a file that lacks one of them is some other YAML, such as a values file. */
const MANIFEST_WORDS = ['apiVersion', 'kind', 'metadata'];
const MAX_FAULTS = 20;

/**
 * Which files of a directory are manifests: by extension, then `exclude`, then `include` (globs over the relative path, `*` crosses `/`).
 * Throws RenderFailed where a glob is not one.
 */
export function selectsFile(options: DirectoryOptions): (path: string) => boolean {
  const excluded = glob('exclude', options.exclude);
  const included = glob('include', options.include);
  return (path) => {
    if (!MANIFEST.test(path) || (options.recurse !== true && path.includes('/'))) return false;
    return excluded?.(path) !== true && included?.(path) !== false;
  };
}

/**
 * Renders plain YAML and JSON. Files that `options` do not select are ignored. Throws RenderFailed with a fault per broken document (file,
 * document, line).
 */
export function renderDirectory(
  files: readonly SourceFile[],
  options: DirectoryOptions,
  limits: RenderLimits = RENDER_LIMITS,
): RenderedSet {
  const selects = selectsFile(options);
  const objects: KubeObject[] = [];
  const warnings: string[] = [];
  const faults: Fault[] = [];
  for (const file of files.filter(({ path }) => selects(path)).sort(byWalk)) {
    const read = readFile(file, limits);
    objects.push(...read.objects);
    warnings.push(...read.warnings);
    faults.push(...read.faults);
    if (objects.length > limits.maxObjects)
      faults.push({ pointer: '', message: `more than ${limits.maxObjects} objects` });
    if (faults.length >= MAX_FAULTS || objects.length > limits.maxObjects) break;
  }
  const [first] = faults;
  if (first !== undefined) {
    const others = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
    throw new AppError('RenderFailed', `${first.message}${others}`, { faults: faults.slice(0, MAX_FAULTS) });
  }
  return { objects, digest: digestOf(objects), warnings };
}

interface ReadFile {
  readonly objects: readonly KubeObject[];
  readonly warnings: readonly string[];
  readonly faults: readonly Fault[];
}

function readFile(file: SourceFile, limits: RenderLimits): ReadFile {
  const { path } = file;
  const none = { objects: [], warnings: [], faults: [] };
  if (path.endsWith('.jsonnet')) {
    return {
      ...none,
      faults: [{ pointer: '', message: `${path}: Jsonnet is not rendered yet; exclude it with directory.exclude` }],
    };
  }
  const text = decode(file.bytes);
  if (text === undefined) return { ...none, faults: [{ pointer: '', message: `${path}: it is not UTF-8 text` }] };
  if (text.includes(SKIP_MARKER)) return none;
  if (MANIFEST_WORDS.some((word) => !text.includes(word))) {
    return isBlank(text) ? none : { ...none, warnings: [`${path}: left out, it is not a Kubernetes manifest`] };
  }
  try {
    return objectsOf(path, path.endsWith('.json') ? readJson(text, limits) : readYaml(text, limits));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...none, faults: [faultOf(path, error.message, error.at)] };
  }
}

/** Whether it holds nothing but white space, comments and marks of documents. */
function isBlank(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(?:$|#|---\s*$)/.test(line));
}

function objectsOf(path: string, text: ManifestText): ReadFile {
  const objects: KubeObject[] = [];
  const faults: Fault[] = [];
  for (const { number, line, value } of text.documents) {
    try {
      objects.push(...toObjects(value));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      faults.push(faultOf(path, error.message, { document: number, line }));
    }
  }
  return { objects, faults, warnings: text.warnings.map((warning) => `${path}: ${warning}`) };
}

function faultOf(path: string, message: string, at: { readonly document?: number; readonly line?: number }): Fault {
  const place = [
    path,
    ...(at.document === undefined ? [] : [`document ${at.document}`]),
    ...(at.line === undefined ? [] : [`line ${at.line}`]),
  ].join(', ');
  return { pointer: '', message: `${place}: ${message}`, ...(at.line === undefined ? {} : { line: at.line }) };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: the caller says so.
    return undefined;
  }
}

function glob(field: 'include' | 'exclude', pattern: string | undefined): ((path: string) => boolean) | undefined {
  if (pattern === undefined || pattern === '') return undefined;
  try {
    return compileGlob(pattern);
  } catch (error) {
    if (error instanceof AppError)
      throw new AppError('RenderFailed', `directory.${field}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** As a walk through folders meets them: name by name, so that `a/…` goes before `a.yaml`. Of equal objects, the last one counts later. */
function byWalk(a: SourceFile, b: SourceFile): number {
  const left = a.path.split('/');
  const right = b.path.split('/');
  for (let index = 0; ; index += 1) {
    const [one, two] = [left[index], right[index]];
    if (one === undefined || two === undefined) return left.length - right.length;
    if (one !== two) return one < two ? -1 : 1;
  }
}
