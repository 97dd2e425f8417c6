// A tracking id in, whose the object is out.
import {
  parseTrackingId,
  TRACKING_ANNOTATION,
  tracksItself,
  type KubeObject,
  type ResourceKey,
} from '@wheelwright/kernel';

/** Who asks. */
export interface Asker {
  readonly application: string;
  readonly isApplication?: (name: string) => boolean;
}

/**
 * The other Application of this hub that a live object belongs to; `undefined` where it is ours, nobody's, a copy of something else,
 * or left over from an Application that no longer exists.
 */
export function otherOwner(key: ResourceKey, trackingId: string, asker: Asker): string | undefined {
  const tracked = parseTrackingId(trackingId);
  if (tracked === undefined || tracked.application === asker.application || !tracksItself(tracked, key))
    return undefined;
  return asker.isApplication?.(tracked.application) === false ? undefined : tracked.application;
}

/** Whether a live object says that it belongs to an Application: the one licence to delete it. */
export function belongsTo(application: string, key: ResourceKey, live: KubeObject): boolean {
  const tracked = parseTrackingId(trackingIdOf(live));
  return tracked !== undefined && tracked.application === application && tracksItself(tracked, key);
}

/** Value of the tracking annotation; empty where there is none. */
export function trackingIdOf(live: KubeObject): string {
  const value = live.metadata.annotations?.[TRACKING_ANNOTATION];
  return typeof value === 'string' ? value : '';
}
