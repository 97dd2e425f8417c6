// A glob of a policy in, the same as a regular expression of Postgres out: rows are picked in SQL by the rule that decides elsewhere.
import { compileGlob } from '@wheelwright/kernel';

/**
 * The regular expression (Postgres, advanced) that matches what `compileGlob` matches with no separators. Every character of the glob arrives as a
 * number, so that none of it has a meaning of its own there. Throws InvalidDocument where it is no glob.
 */
export function globPattern(glob: string): string {
  // The glob's own reader says what is none, so that below every bracket has its partner.
  compileGlob(glob);
  return `^${new Translation(Array.from(glob)).sequence(false)}$`;
}

class Translation {
  private at = 0;

  constructor(private readonly chars: readonly string[]) {}

  /** Until the end, or until `,` or `}` inside of braces, which is left for the caller. */
  sequence(inBraces: boolean): string {
    let text = '';
    for (;;) {
      const char = this.chars[this.at];
      if (char === undefined || (inBraces && (char === ',' || char === '}'))) return text;
      this.at += 1;
      text += this.term(char);
    }
  }

  private term(char: string): string {
    switch (char) {
      case '*':
        return '.*';
      case '?':
        return '.';
      case '[':
        return this.charClass();
      case '{':
        return this.alternatives();
      case '\\':
        return escaped(this.take());
      default:
        return escaped(char);
    }
  }

  private alternatives(): string {
    const branches: string[] = [];
    for (;;) {
      branches.push(this.sequence(true));
      if (this.take() === '}') return `(?:${branches.join('|')})`;
    }
  }

  private charClass(): string {
    const negated = this.chars[this.at] === '!';
    if (negated) this.at += 1;
    let ranges = '';
    while (this.chars[this.at] !== ']') {
      const low = this.classChar();
      const isRange = this.chars[this.at] === '-' && this.chars[this.at + 1] !== ']';
      if (isRange) this.at += 1;
      ranges += isRange ? `${escaped(low)}-${escaped(this.classChar())}` : escaped(low);
    }
    this.at += 1;
    return `[${negated ? '^' : ''}${ranges}]`;
  }

  private classChar(): string {
    const char = this.take();
    return char === '\\' ? this.take() : char;
  }

  private take(): string {
    const char = this.chars[this.at] ?? '';
    this.at += 1;
    return char;
  }
}

function escaped(char: string): string {
  return `\\U${(char.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
}
