// Time as an input: cores take a Clock or a time, and never read one themselves.

export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a Go duration such as `30s`, `1m30s`, `1.5h`, `200ms`; `undefined` where the text is not one. */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const parts = text.match(/\d+(?:\.\d+)?(?:ms|h|m|s)/g);
  if (parts === null || parts.join('') !== text) return undefined;
  return parts.reduce((sum, part) => {
    const unit = part.replace(/[\d.]+/, '');
    return sum + Number.parseFloat(part) * (UNITS_MS[unit] ?? 0);
  }, 0);
}
