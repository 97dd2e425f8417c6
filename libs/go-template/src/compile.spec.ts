// What the golden corpus cannot show: what is refused, what the environment gives, what is left unchanged, and which fields a template reads.
import { describe, expect, it } from 'vitest';
import { compileGoTemplate, formatGoValue, normalizeName, slugify, type GoTemplateOptions } from './index.js';

function render(text: string, options: GoTemplateOptions = {}): string {
  return compileGoTemplate(text, options).execute({ name: 'x', list: [1] });
}

describe('compileGoTemplate', () => {
  it('refuses functions that make secrets, and says why', () => {
    for (const name of [
      'genPrivateKey',
      'genCA',
      'htpasswd',
      'bcrypt',
      'derivePassword',
      'encryptAES',
      'decryptAES',
      'buildCustomCert',
    ]) {
      expect(() => render(`{{ ${name} "a" "b" }}`)).toThrow(`error calling ${name}: ${name} is not supported: `);
    }
  });

  it('refuses the clock and the dice without an environment', () => {
    for (const call of [
      'now',
      'date "2006" "text"',
      'ago 0',
      'randAlpha 5',
      'uuidv4',
      'shuffle "abc"',
      'randInt 1 5',
      'randBytes 4',
    ]) {
      expect(() => render(`{{ ${call} }}`)).toThrow('would differ each time that the template is executed');
    }
  });

  it('takes the time and the dice from the environment', () => {
    const environment = { nowMs: 1_700_000_000_500, random: () => 0.5 };
    expect(render('{{ now | date "2006-01-02 15:04:05" }} {{ now.Year }} {{ now | unixEpoch }}', { environment })).toBe(
      '2023-11-14 22:13:20 2023 1700000000',
    );
    expect(render('{{ ago 1700000000 }} {{ randNumeric 3 }} {{ randInt 0 10 }} {{ uuidv4 }}', { environment })).toBe(
      '1s 555 5 88888888-8888-4888-a888-888888888888',
    );
    expect(
      render('{{ randAlpha 4 | len }} {{ randAscii 4 | len }} {{ shuffle "abc" | len }} {{ randBytes 3 }}', {
        environment,
      }),
    ).toBe('4 4 3 gICA');
  });

  it('does not know functions that ApplicationSet takes away', () => {
    for (const name of ['env', 'expandenv', 'getHostByName'])
      expect(() => render(`{{ ${name} "x" }}`)).toThrow(`function "${name}" not defined`);
  });

  it('never changes the data', () => {
    const data = { map: { a: 1 }, list: [{ b: 1 }] };
    const text =
      '{{ $_ := set .map "x" 1 }}{{ $_ := set . "y" 2 }}{{ $_ := set (index .list 0) "z" 3 }}{{ $_ := unset .map "a" }}{{ . }}';
    expect(compileGoTemplate(text).execute(data)).toBe('map[list:[map[b:1 z:3]] map:map[x:1] y:2]');
    expect(data).toEqual({ map: { a: 1 }, list: [{ b: 1 }] });
  });

  it('keeps hostile keys as plain data', () => {
    const data = JSON.parse('{"__proto__":{"polluted":true},"constructor":"c"}');
    expect(
      compileGoTemplate('{{ $d := merge (dict) . }}{{ set $d "__proto__" "x" }} {{ .constructor }}').execute(data),
    ).toContain('__proto__:x');
    expect(
      compileGoTemplate('{{ $x := fromJson `{"__proto__":{"p":1}}` }}{{ deepCopy $x }} {{ $x.toString }}').execute({}),
    ).toBe('map[__proto__:map[p:1]] <no value>');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('sorts keys and values, which have no order in Go', () => {
    expect(compileGoTemplate('{{ keys . }} {{ values . }}').execute({ b: 1, a: 2 })).toBe('[a b] [2 1]');
  });

  it('can be executed again with other data', () => {
    const template = compileGoTemplate('{{ range .l }}{{ . }}{{ end }}');
    expect([template.execute({ l: [1, 2] }), template.execute({ l: [] }), template.execute({ l: ['x'] })]).toEqual([
      '12',
      '',
      'x',
    ]);
  });

  it('names the fields that are read from the root', () => {
    const text =
      '{{ .path.basename }}{{ with .a }}{{ .inner }}{{ $.b.c }}{{ end }}{{ if .d }}{{ upper .e }}{{ end }}{{ (index .f 0).g }}{{ range .h }}{{ . }}{{ end }}';
    expect(compileGoTemplate(text).fields).toEqual(['.path.basename', '.a', '.b.c', '.d', '.e', '.f', '.h']);
    expect(
      compileGoTemplate('{{ define "t" }}{{ .x }}{{ end }}{{ template "t" . }}{{ template "t" .y }}').fields,
    ).toEqual(['.x', '.y']);
    expect(compileGoTemplate('plain').fields).toEqual([]);
  });
});

describe('names and values', () => {
  it('normalises twice to the same', () => {
    for (const name of ['My App', '--x.', 'é'.repeat(300), 'a'.repeat(400)])
      expect(normalizeName(normalizeName(name))).toBe(normalizeName(name));
  });

  it('cuts slugs between words', () => {
    expect(slugify('Feature/Some long branch', { maxLength: 14 })).toBe('feature-some');
    expect(slugify('Feature/Some long branch', { maxLength: 14, smart: false })).toBe('feature-some-l');
  });

  it('prints JSON values as %v', () => {
    expect(formatGoValue({ b: [1, null, 'x'], a: 11223344 })).toBe('map[a:1.1223344e+07 b:[1 <nil> x]]');
  });
});
