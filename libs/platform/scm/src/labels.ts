/** Whether all that are asked for are there. */
export function hasLabels(labels: readonly string[], wanted: readonly string[] = []): boolean {
  return wanted.every((label) => labels.includes(label));
}
