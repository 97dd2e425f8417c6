// A text of a set and its mode in; a function that fills it with parameters out. Each text is cut or compiled once per engine.
import { compileGoTemplate, GoTemplateError, type GoMissingKey } from '@wheelwright/go-template';
import { canonicalJson } from '@wheelwright/kernel';
import { compileFlatText } from './flat-template.js';
import { failedAt, type Params } from './params.js';

/** Fills a text with parameters. Throws ExpandFailed that says where the text stands and for which parameters it failed. */
export type TextRenderer = (params: Params, pointer: string) => string;

/** A text, compiled. */
export interface CompiledText {
  readonly render: TextRenderer;
  /** Whether parameters can change it. */
  readonly isConstant: boolean;
  /** Why it cannot be compiled; rendering it then throws. */
  readonly problem?: string;
  /** In dotted form: what it reads of the parameters. */
  readonly fields: readonly string[];
}

/** How the texts of one set are rendered. */
export interface TextEngine {
  readonly mode: 'flat' | 'go';
  compile(text: string): CompiledText;
  /** Where Go templates printed `<no value>` so far, and how often. */
  readonly noValues: ReadonlyMap<string, number>;
}

const MISSING_KEYS: Readonly<Record<string, GoMissingKey>> = {
  'missingkey=default': 'default',
  'missingkey=invalid': 'invalid',
  'missingkey=zero': 'zero',
  'missingkey=error': 'error',
};
/** What Go prints for a key that is not there. */
const NO_VALUE = '<no value>';
const OPTIONS_POINTER = '/spec/goTemplateOptions';
/** Parameters in messages are cut to this length. */
const MAX_SHOWN = 300;

/** The engine of a set. Throws ExpandFailed where `goTemplateOptions` holds something else than `missingkey=…`; flat templates have no options. */
export function textEngineOf(spec: {
  readonly goTemplate: boolean;
  readonly goTemplateOptions?: readonly string[];
}): TextEngine {
  const compiled = new Map<string, CompiledText>();
  const noValues = new Map<string, number>();
  const compileText = spec.goTemplate ? goCompiler(spec.goTemplateOptions ?? [], noValues) : compileFlat;
  return {
    mode: spec.goTemplate ? 'go' : 'flat',
    noValues,
    compile(text) {
      const known = compiled.get(text);
      if (known !== undefined) return known;
      const fresh = compileText(text);
      compiled.set(text, fresh);
      return fresh;
    },
  };
}

function compileFlat(text: string): CompiledText {
  const flat = compileFlatText(text);
  if (flat.problem !== undefined) {
    const { problem } = flat;
    return { isConstant: false, problem, fields: flat.names, render: (_params, pointer) => fail(pointer, problem) };
  }
  return { isConstant: flat.names.length === 0, fields: flat.names, render: flat.render };
}

/** Later options win, as they do in Go. */
function goCompiler(options: readonly string[], noValues: Map<string, number>): (text: string) => CompiledText {
  let missingKey: GoMissingKey = 'default';
  for (const [index, option] of options.entries()) {
    const known = Object.hasOwn(MISSING_KEYS, option) ? MISSING_KEYS[option] : undefined;
    if (known === undefined) {
      const message = `unrecognized option: ${option}. Write one of ${Object.keys(MISSING_KEYS).join(', ')}`;
      fail(`${OPTIONS_POINTER}/${String(index)}`, message);
    } else missingKey = known;
  }
  return (text) => compileGo(text, missingKey, noValues);
}

function compileGo(text: string, missingKey: GoMissingKey, noValues: Map<string, number>): CompiledText {
  if (!text.includes('{{')) return { isConstant: true, fields: [], render: () => text };
  try {
    const template = compileGoTemplate(text, { missingKey });
    const render: TextRenderer = (params, pointer) => {
      try {
        const rendered = template.execute(params);
        if (rendered.includes(NO_VALUE)) noValues.set(pointer, (noValues.get(pointer) ?? 0) + 1);
        return rendered;
      } catch (error) {
        if (!(error instanceof GoTemplateError)) throw error;
        return fail(pointer, `${error.message} (for the parameters ${show(params)})`);
      }
    };
    return { isConstant: false, fields: template.fields.map((path) => path.replace(/^\./, '')), render };
  } catch (error) {
    if (!(error instanceof GoTemplateError)) throw error;
    const problem = explain(error.message);
    return { isConstant: false, problem, fields: [], render: (_params, pointer) => fail(pointer, problem) };
  }
}

/** A name without its dot is the commonest slip of those who come from flat templates. */
function explain(message: string): string {
  const name = /function "([^"]*)" not defined/.exec(message)?.[1];
  return name === undefined
    ? message
    : `${message}: if ${name} is a parameter, write {{.${name}}}, because spec.goTemplate is on`;
}

function show(params: Params): string {
  const text = canonicalJson(params);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}

function fail(pointer: string, message: string): never {
  throw failedAt(pointer, message);
}
