// A layout and a text in, the time that the text tells out; `undefined` where it does not follow the layout.
import { GoTime, DAYS, MONTHS } from './go-time.js';
import { layoutParts, type LayoutPart } from './layout.js';
import { UTC, type Zone } from './zones.js';

/** Parses as Go's `time.ParseInLocation` does, where the place is UTC. */
export function parseTime(layout: string, text: string): GoTime | undefined {
  const reader = new Reader(text);
  const parts = layoutParts(layout);
  for (const [index, part] of parts.entries()) if (!reader.read(part, parts[index + 1])) return undefined;
  return reader.result();
}

class Reader {
  #rest: string;
  #year = 0;
  #month = -1;
  #day = -1;
  #yearDay = -1;
  #hour = 0;
  #minute = 0;
  #second = 0;
  #nanos = 0;
  #noon: 'am' | 'pm' | undefined;
  #zone: Zone | undefined;
  #zoneName = '';

  constructor(text: string) {
    this.#rest = text;
  }

  read(part: LayoutPart, next: LayoutPart | undefined): boolean {
    switch (part.kind) {
      case 'text':
        return this.#literal(part.text);
      case 'longYear':
        return this.#number(/^[0-9]{4}/, (value) => (this.#year = value));
      case 'year':
        return this.#number(/^[0-9]{2}/, (value) => (this.#year = value + (value >= 69 ? 1900 : 2000)));
      case 'longMonth':
      case 'month':
        return this.#name(MONTHS, part.kind === 'month', (index) => (this.#month = index + 1));
      case 'longWeekDay':
      case 'weekDay':
        return this.#name(DAYS, part.kind === 'weekDay', () => undefined);
      case 'numMonth':
        return this.#digits(part, (value) => (this.#month = value)) && this.#month >= 1 && this.#month <= 12;
      case 'day':
        if (part.fill === '_') this.#rest = this.#rest.replace(/^ /, '');
        return this.#digits(part, (value) => (this.#day = value));
      case 'yearDay':
        if (part.fill === '_') this.#rest = this.#rest.replace(/^ {0,2}/, '');
        return this.#number(/^[0-9]{1,3}/, (value) => (this.#yearDay = value));
      case 'hour':
        return this.#number(/^[0-9]{2}/, (value) => (this.#hour = value)) && this.#hour < 24;
      case 'hour12':
        return this.#digits(part, (value) => (this.#hour = value)) && this.#hour <= 12;
      case 'minute':
        return this.#digits(part, (value) => (this.#minute = value)) && this.#minute < 60;
      case 'second':
        return this.#digits(part, (value) => (this.#second = value)) && this.#second < 60 && this.#looseFraction(next);
      case 'upperNoon':
        return this.#noonOf(/^(AM|PM)/);
      case 'lowerNoon':
        return this.#noonOf(/^(am|pm)/);
      case 'offset':
        return this.#offset(part.text);
      case 'zoneName':
        return this.#zoneLetters();
      case 'fraction':
        return this.#fraction(part.text);
    }
  }

  result(): GoTime | undefined {
    if (this.#rest !== '') return undefined;
    let hour = this.#hour;
    if (this.#noon === 'pm' && hour < 12) hour += 12;
    else if (this.#noon === 'am' && hour === 12) hour = 0;
    const date = this.#date();
    if (date === undefined) return undefined;
    const local = date.getTime() / 1000 + hour * 3600 + this.#minute * 60 + this.#second;
    const zone =
      this.#zone ?? (this.#zoneName === '' || this.#zoneName === 'UTC' ? UTC : { name: this.#zoneName, offset: 0 });
    // An offset of zero is the local zone here, and so is UTC by name.
    return new GoTime(local - zone.offset, this.#nanos, zone.offset === 0 && this.#zone !== undefined ? UTC : zone);
  }

  #date(): Date | undefined {
    const date = new Date(0);
    if (this.#yearDay >= 0) {
      date.setUTCFullYear(this.#year, 0, this.#yearDay);
      const agrees =
        (this.#month < 0 || date.getUTCMonth() + 1 === this.#month) &&
        (this.#day < 0 || date.getUTCDate() === this.#day);
      return this.#yearDay >= 1 && date.getUTCFullYear() === this.#year && agrees ? date : undefined;
    }
    const month = this.#month < 0 ? 1 : this.#month;
    const day = this.#day < 0 ? 1 : this.#day;
    date.setUTCFullYear(this.#year, month - 1, day);
    return date.getUTCMonth() === month - 1 && day >= 1 ? date : undefined;
  }

  /** Runs of spaces in the layout match any run of spaces. */
  #literal(text: string): boolean {
    for (let at = 0; at < text.length; at += 1) {
      if (text.charAt(at) === ' ') {
        if (this.#rest !== '' && !this.#rest.startsWith(' ')) return false;
        while (text.charAt(at + 1) === ' ') at += 1;
        this.#rest = this.#rest.replace(/^ +/, '');
      } else {
        if (!this.#rest.startsWith(text.charAt(at))) return false;
        this.#rest = this.#rest.slice(1);
      }
    }
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.#rest)?.[0];
    if (found !== undefined) this.#rest = this.#rest.slice(found.length);
    return found;
  }

  #number(pattern: RegExp, take: (value: number) => unknown): boolean {
    const digits = this.#match(pattern);
    if (digits !== undefined) take(Number(digits));
    return digits !== undefined;
  }

  #digits(part: LayoutPart, take: (value: number) => unknown): boolean {
    return this.#number(part.fill === '0' ? /^[0-9]{2}/ : /^[0-9]{1,2}/, take);
  }

  #name(names: readonly string[], short: boolean, take: (index: number) => unknown): boolean {
    const index = names.findIndex((name) => {
      const wanted = short ? name.slice(0, 3) : name;
      return this.#rest.slice(0, wanted.length).toLowerCase() === wanted.toLowerCase();
    });
    if (index < 0) return false;
    this.#rest = this.#rest.slice(short ? 3 : names[index]?.length);
    take(index);
    return true;
  }

  #noonOf(pattern: RegExp): boolean {
    const found = this.#match(pattern)?.toLowerCase();
    this.#noon = found === 'pm' ? 'pm' : 'am';
    return found !== undefined;
  }

  /** After seconds a fraction may follow that the layout does not have. */
  #looseFraction(next: LayoutPart | undefined): boolean {
    if (next?.kind === 'fraction' || !/^[.,][0-9]/.test(this.#rest)) return true;
    return this.#takeFraction(this.#match(/^[.,][0-9]+/));
  }

  #fraction(layout: string): boolean {
    if (layout.includes('9')) return !/^[.,][0-9]/.test(this.#rest) || this.#takeFraction(this.#match(/^[.,][0-9]+/));
    const found = this.#match(new RegExp(`^[.,][0-9]{${layout.length - 1}}`));
    return found !== undefined && this.#takeFraction(found);
  }

  #takeFraction(text: string | undefined): boolean {
    this.#nanos = Number((text ?? '.0').slice(1, 10).padEnd(9, '0'));
    return true;
  }

  #offset(layout: string): boolean {
    if (layout.startsWith('Z') && this.#match(/^Z/) !== undefined) {
      this.#zone = UTC;
      return true;
    }
    const colon = layout.includes(':') ? ':' : '';
    const count = layout.slice(1).replaceAll(':', '').length / 2;
    const pattern = new RegExp(
      `^([+-])([0-9]{2})${count > 1 ? `${colon}([0-9]{2})` : ''}${count > 2 ? `${colon}([0-9]{2})` : ''}`,
    );
    const [all, sign, hours = '0', minutes = '0', seconds = '0'] = pattern.exec(this.#rest) ?? [];
    if (all === undefined || Number(hours) > 24 || Number(minutes) > 59 || Number(seconds) > 59) return false;
    this.#rest = this.#rest.slice(all.length);
    const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    this.#zone = { name: '', offset: sign === '-' ? -size : size };
    return true;
  }

  #zoneLetters(): boolean {
    const found = this.#match(/^(?:UTC|[A-Z]{3,5}(?![A-Z])|[+-][0-9]{2}(?:[0-9]{2})?)/);
    this.#zoneName = found ?? '';
    return found !== undefined;
  }
}
