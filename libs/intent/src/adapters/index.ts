export { applyObjects, type AppliedObject, type ApplyOptions, type ApplyResult } from './apply-objects.js';
export { approveDeletion, type ApprovalSubject, type Approved } from './approve-deletion.js';
export { Catalogue } from './catalogue.js';
export { deleteApplication, deleteApplicationSet, type DeletionResult, type SetDeletion } from './delete-objects.js';
export { deleteProject } from './delete-project.js';
export { HubSpoke } from './hub-spoke/index.js';
export { IntentModule } from './intent.module.js';
export { replaceSetApplications, type SetChange, type SetChangeResult } from './replace-set-applications.js';
