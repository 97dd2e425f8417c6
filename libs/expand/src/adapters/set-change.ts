// A set and its complete expansion in, what the catalogue is to make the truth out.
import type { ApplicationSet } from '@wheelwright/intent';
import type { ApplicationSetId } from '@wheelwright/kernel';
import type { SetChange } from '../ports.js';
import type { Expansion } from '../types.js';

/** Invalid Applications are named and not written: what exists under their names stays as it is. */
export function changeOf(setId: ApplicationSetId, { spec }: ApplicationSet, { applications }: Expansion): SetChange {
  return {
    setId,
    applications: applications.filter(({ valid }) => valid).map(({ application }) => application),
    generatedNames: applications.map(({ application }) => application.metadata.name),
    policy: spec.syncPolicy?.applicationsSync ?? 'sync',
    preserved: {
      annotations: spec.preservedFields?.annotations ?? [],
      labels: spec.preservedFields?.labels ?? [],
    },
    ignoreDifferences: spec.ignoreApplicationDifferences ?? [],
  };
}
