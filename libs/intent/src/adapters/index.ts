export { applyObjects, type AppliedObject, type ApplyOptions, type ApplyResult } from './apply-objects.js';
export { approveDeletion, type ApprovalSubject, type Approved } from './approve-deletion.js';
export { Catalogue } from './catalogue.js';
export {
  deleteApplication,
  deleteApplicationSet,
  type DeletionResult,
  type SetDeletion,
  type SetDeletionCounts,
  type SetDeletionOptions,
} from './delete-objects.js';
export { deleteProject } from './delete-project.js';
export { freezeFleet, readFreeze, unfreezeFleet, type Freeze } from './freezes.js';
export { GeneratorInputs, type InputKey, type InputSummary } from './generator-inputs.js';
export { HubSpoke } from './hub-spoke/index.js';
export { IntentModule } from './intent.module.js';
export {
  planApplicationDeletion,
  planSetDeletion,
  type ApplicationDeletionPlan,
  type PlannedAction,
  type PlannedApplication,
  type PlannedObject,
  type SetDeletionPlan,
} from './plan-deletion.js';
export {
  replaceSetApplications,
  type SetChange,
  type SetChangeIssue,
  type SetChangeResult,
} from './replace-set-applications.js';
