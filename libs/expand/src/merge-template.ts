// The template of a generator and the template of the set in, the one that is rendered out.
import type { ApplicationTemplate } from '@wheelwright/intent';
import { mergeOver } from './go-json.js';

/** Fields of the generator's template win where they are not empty; maps are merged key by key, lists are not. */
export function mergeTemplate(own: ApplicationTemplate | undefined, general: ApplicationTemplate): ApplicationTemplate {
  return own === undefined ? general : mergeOver(general, own);
}
