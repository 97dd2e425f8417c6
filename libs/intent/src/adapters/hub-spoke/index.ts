export { HubSpoke } from './hub-spoke.js';
