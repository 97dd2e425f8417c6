// Where a redirect leads, if it may be followed: credentials go to the host that they are for, and to no other.
import { malformed, scmError, type Asked } from './errors.js';

/** Where a redirect from `url` leads. Throws SourceFailed where it leaves the host or https, or is of a method other than GET. */
export function redirectOf(
  { asked, url }: { readonly asked: Asked; readonly url: URL },
  method: string,
  location: string | undefined,
): URL {
  const target = location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  if (target === undefined) throw malformed(asked, 'a redirect without an address');
  if (target.host !== url.host) {
    throw scmError(asked, ['Redirected', `redirects to ${target.host || 'nowhere'}, which is not followed`]);
  }
  if (url.protocol === 'https:' && target.protocol !== 'https:') {
    throw scmError(asked, ['Redirected', 'redirects away from https, which is not followed']);
  }
  if (method !== 'GET') throw scmError(asked, ['Redirected', 'redirects a POST, which is not followed']);
  return target;
}
