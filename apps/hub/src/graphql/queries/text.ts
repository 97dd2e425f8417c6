// Texts that callers search for.
import { AppError } from '@wheelwright/kernel';

const MAX_TEXT_LENGTH = 253;

/** The LIKE pattern of "contains this text", with the wildcards in the text taken literally. */
export function containsPattern(text: string): string {
  if (text.length > MAX_TEXT_LENGTH)
    throw new AppError('InvalidRequest', `a text to search for has at most ${MAX_TEXT_LENGTH} characters`);
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** A time that a room wrote into JSON; `null` where it is absent or not a time. */
export function readTime(value: unknown): Date | null {
  if (typeof value !== 'string') return null;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** A text inside JSON; empty where it is something else. */
export function readText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A whole number inside JSON; zero where it is something else. */
export function readCount(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) ? value : 0;
}
