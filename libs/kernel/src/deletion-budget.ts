// How many of how many would be removed in; whether that may happen without a person's approval out.

export interface Removal {
  /** How many there are now. */
  readonly total: number;
  /** How many of them would be removed. */
  readonly removing: number;
}

/** The default budget. One set-based statement needs its two numbers; everybody else asks {@link withinBudget}. */
export const DELETION_BUDGET = { few: 3, share: 0.3 } as const;

/**
 * The default deletion budget: a removal is held when it takes more than 3 and more than 30 percent, or all of them where there were two or more.
 * It guards the Applications of a set and the objects of an Application alike.
 */
export function withinBudget({ total, removing }: Removal): boolean {
  if (removing <= 0) return true;
  if (total >= 2 && removing >= total) return false;
  return removing <= DELETION_BUDGET.few || removing <= total * DELETION_BUDGET.share;
}
