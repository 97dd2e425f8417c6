export { deniedApplications, type Denial } from './admission.js';
