// No template runs for ever, fills the memory or throws anything but GoTemplateError.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGoTemplate, GoTemplateError, type GoTemplateErrorKind } from './index.js';

const DATA = { name: 'guestbook', list: ['a', 'b'], map: { a: 1, b: { c: null } }, zero: 0 };
const LIMITS = { steps: 20_000, outputChars: 10_000, depth: 30, textChars: 5_000 };

function outcome(text: string): GoTemplateErrorKind | 'printed' {
  try {
    const output = compileGoTemplate(text, { limits: LIMITS }).execute(DATA);
    expect(output.length).toBeLessThanOrEqual(LIMITS.outputChars);
    return 'printed';
  } catch (error) {
    if (error instanceof GoTemplateError) return error.kind;
    throw error;
  }
}

describe('limits', () => {
  const endless = [
    '{{range until 100000}}{{end}}',
    '{{range 1000000000}}{{end}}',
    '{{range until 1000}}{{range until 1000}}x{{end}}{{end}}',
    '{{define "a"}}{{template "a"}}{{end}}{{template "a"}}',
    '{{$x := list 1}}{{range until 60}}{{$x = list $x $x}}{{end}}{{$x}}',
    '{{$x := dict}}{{$_ := set $x "x" $x}}{{$x}}',
    '{{$x := dict}}{{$_ := set $x "x" $x}}{{toJson $x}}',
    '{{$x := dict}}{{$_ := set $x "x" $x}}{{toYaml $x}}',
    '{{$x := dict}}{{$_ := set $x "x" $x}}{{deepCopy $x}}',
    '{{$x := dict}}{{$_ := set $x "x" $x}}{{$y := dict}}{{$_ := set $y "x" $y}}{{deepEqual $x $y}}',
    '{{$x := "aa"}}{{range until 40}}{{$x = print $x $x}}{{end}}',
    '{{repeat 2000000000 "x"}}',
    '{{printf "%1000000d" 1}}',
    '{{printf "%.1000000f" 1.5}}',
    '{{indent 100000 "x"}}',
    '{{until 100000000}}',
    '{{untilStep 0 1000000000 1}}',
    '{{seq 1 100000000}}',
    '{{replace "" (repeat 500 "x") (repeat 500 "y")}}',
    '{{join (repeat 5000 "x") (until 100)}}',
    '{{uniq (until 10000)}}',
    '{{sha512sum (repeat 9999 "x")}}{{range until 100}}{{sha512sum (repeat 9999 "x")}}{{end}}',
    '{{range until 1000}}{{regexMatch "(a{100}b){5}" (repeat 1000 "a")}}{{end}}',
    `{{fromYaml "a: &a [x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,*c]\\ne: [*d,*d,*d,*d,*d,*d,*d]"}}`,
    `{{${'('.repeat(100)}1${')'.repeat(100)}}}`,
    '{{if 1}}'.repeat(500),
    'x'.repeat(20_000),
  ];
  for (const text of endless) {
    it(`stops ${text.slice(0, 70)}`, () => {
      expect(outcome(text)).toBe('limit');
    });
  }

  it('compiles any text or says why not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void outcome(`{{${text}}}`)),
      { numRuns: 500 },
    );
  });

  it('executes any mix of words of the language within the limits', () => {
    const words =
      `{{ }} {{- -}} if else end range with define "t" template block . $ $x := = , | ( ) .name .list .map .missing 1 -1 1.5 1e9 100000 'a'
      "text" "a.b" true nil printf "%v" "%5.2f" "%*d" index len slice dict list set merge dig until seq repeat join split regexReplaceAll "(a|b)*" toJson fromJson
      toYaml fromYaml "a: [1]" date semver semverCompare ">1" default ternary trunc substr abbrev wrap indent and or not eq lt break continue add mul div round
      b64dec urlParse chunk first rest has without uniq keys values pick omit deepCopy sortAlpha title snakecase toDate slugify normalize int atoi`.split(
        /\s+/,
      );
    const text = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((picked) => picked.join(' '));
    fc.assert(
      fc.property(text, (mix) => void outcome(`{{ ${mix} }}`)),
      { numRuns: 3000 },
    );
  });

  it('calls every function with any arguments without another error', () => {
    const args = [
      '.',
      '.name',
      '.list',
      '.map',
      '.missing',
      '.map.b.c',
      '1',
      '-5',
      '1.5',
      '"a"',
      '""',
      'nil',
      'true',
      '(dict "a" 1)',
      '(list 1 "a")',
      '(until 3)',
    ];
    const names = `and or not len index html js urlquery print println printf eq ne lt le gt ge ${FUNCTIONS}`.split(
      /\s+/,
    );
    const call = fc.tuple(fc.constantFrom(...names), fc.array(fc.constantFrom(...args), { maxLength: 5 }));
    fc.assert(
      fc.property(call, ([name, picked]) => void outcome(`{{ ${name} ${picked.join(' ')} }}`)),
      { numRuns: 5000 },
    );
  });
});

const FUNCTIONS = `hello upper lower title untitle swapcase trim trimAll trimPrefix trimSuffix nospace initials trunc substr abbrev abbrevboth repeat replace contains
  hasPrefix hasSuffix quote squote cat indent nindent plural snakecase kebabcase camelcase wrap wrapWith toString toStrings split splitn splitList join list append
  prepend first last rest initial reverse compact uniq without has slice chunk concat sortAlpha dict get set unset hasKey pluck keys values pick omit merge
  mergeOverwrite deepCopy dig default empty coalesce all any ternary fail typeOf typeIs typeIsLike kindOf kindIs deepEqual toJson toRawJson toPrettyJson fromJson
  mustFromJson add1 add sub mul div mod add1f addf subf mulf divf max min maxf minf floor ceil round atoi int int64 float64 toDecimal until untilStep seq now date
  dateInZone htmlDate htmlDateInZone toDate mustToDate dateModify mustDateModify unixEpoch ago duration durationRound b64enc b64dec b32enc b32dec sha1sum sha256sum
  sha512sum adler32sum semver semverCompare urlParse urlJoin base dir clean ext isAbs regexMatch regexFind regexFindAll regexReplaceAll regexReplaceAllLiteral
  regexSplit regexQuoteMeta randAlpha uuidv4 shuffle genCA htpasswd normalize slugify toYaml fromYaml fromYamlArray call`;
