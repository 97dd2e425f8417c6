// The names of the files at the root of a source in, the tool that would render it out.
import type { ApplicationSource } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';

const MARKERS: Readonly<Record<string, string>> = {
  'Chart.yaml': 'Helm',
  'kustomization.yaml': 'Kustomize',
  'kustomization.yml': 'Kustomize',
  Kustomization: 'Kustomize',
};

/** Whether a file says which tool renders the folder that it lies in. */
export function isToolMarker(path: string): boolean {
  return Object.hasOwn(MARKERS, path);
}

/**
 * Throws RenderFailed where the source needs a tool other than the directory of plain manifests. As in Argo CD, what the source says goes
 * before what its files say.
 */
export function assertDirectory(source: ApplicationSource, paths: readonly string[]): void {
  const asked = askedTool(source);
  if (asked !== undefined) throw unsupported(asked.tool, `the source sets ${asked.field}`);
  if (source.directory !== undefined) return;
  const marker = paths.find((path) => isToolMarker(path));
  if (marker !== undefined) {
    const hint = 'set directory.recurse: false on the source to take the folder as plain manifests';
    throw unsupported(MARKERS[marker] ?? marker, `the folder holds ${marker}; ${hint}`);
  }
}

function askedTool(source: ApplicationSource): { readonly tool: string; readonly field: string } | undefined {
  if (source.chart !== undefined && source.chart !== '') return { tool: 'Helm', field: 'chart' };
  if (source.helm !== undefined) return { tool: 'Helm', field: 'helm' };
  if (source.kustomize !== undefined) return { tool: 'Kustomize', field: 'kustomize' };
  if (source.plugin !== undefined) return { tool: 'A plugin', field: 'plugin' };
  return undefined;
}

function unsupported(tool: string, why: string): AppError {
  return new AppError('RenderFailed', `${tool} is not rendered yet: ${why}`);
}
