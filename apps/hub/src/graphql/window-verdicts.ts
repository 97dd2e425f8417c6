// Applications with the windows of their projects in, what the windows say of each out. Applications that the same windows concern share one verdict.
import type { AppProject } from '@wheelwright/intent';
import { relevantWindows, windowVerdicts, type WindowSubject } from '@wheelwright/policy';
import type { WindowRow } from './queries/project-details.queries.js';
import type { SyncWindowState } from './types/application-parts.js';

/** The verdicts by id; an Application that no window concerns has none. */
export function windowStates(rows: readonly WindowRow[]): ReadonlyMap<string, SyncWindowState> {
  const projects = new Map<string, AppProject>();
  const shared = new Map<string, SyncWindowState | undefined>();
  const states = new Map<string, SyncWindowState>();
  for (const row of rows) {
    const project = projects.get(row.project) ?? projectOf(row);
    projects.set(row.project, project);
    const concerned = relevantWindows(project, subjectOf(row));
    const windows = (project.spec.syncWindows ?? []).flatMap((one, at) => (concerned.includes(one) ? [at] : []));
    const name = `${row.project} ${windows.join()}`;
    if (!shared.has(name)) shared.set(name, stateOf(project, row));
    const state = shared.get(name);
    if (state !== undefined) states.set(row.id, state);
  }
  return states;
}

function stateOf(project: AppProject, row: WindowRow): SyncWindowState | undefined {
  const verdicts = windowVerdicts(project, subjectOf(row), { nowMs: row.now_ms });
  if (verdicts === undefined) return undefined;
  const { automated, manual } = verdicts;
  return {
    allowed: automated.allowed,
    manualAllowed: manual.allowed,
    reason: automated.allowed ? '' : automated.reason,
    until: automated.untilMs === undefined ? null : new Date(automated.untilMs),
  };
}

function subjectOf({ name, namespace, cluster, server }: WindowRow): WindowSubject {
  return { application: name, namespace, cluster, server };
}

function projectOf({ project, windows }: WindowRow): AppProject {
  return {
    metadata: { name: project, namespace: '', labels: {}, annotations: {}, finalizers: [] },
    spec: { syncWindows: windows },
  };
}
