// The name under which everything is applied.

/** Field manager of everything that we apply. */
export const FIELD_MANAGER = 'wheelwright';
