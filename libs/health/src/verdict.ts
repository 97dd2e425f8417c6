// Short names for the verdicts that rules give.
import type { Health } from './types.js';

export const healthy = (message = ''): Health => ({ status: 'Healthy', message });
export const suspended = (message: string): Health => ({ status: 'Suspended', message });
export const progressing = (message: string): Health => ({ status: 'Progressing', message });
export const degraded = (message: string): Health => ({ status: 'Degraded', message });
export const unknown = (message: string): Health => ({ status: 'Unknown', message });
