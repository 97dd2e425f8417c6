// Any text in, a text that fits a Kubernetes name out.

const LONGEST = 253;

/** Lower case; every character outside `[-a-z0-9.]` becomes `-`; cut to 253; `-` and `.` trimmed at both ends. Normalising twice changes nothing more. */
export function normaliseName(text: string): string {
  const clean = text
    .toLowerCase()
    .replace(/[^-a-z0-9.]/gu, '-')
    .slice(0, LONGEST);
  let start = 0;
  let end = clean.length;
  while (start < end && isTrimmed(clean[start])) start += 1;
  while (end > start && isTrimmed(clean[end - 1])) end -= 1;
  return clean.slice(start, end);
}

function isTrimmed(char: string | undefined): boolean {
  return char === '-' || char === '.';
}
