// A set in, what turns one set of parameters into one Application out. Templates are compiled once per set, and what is rendered is metered.
import type { Application, ApplicationSet, ApplicationTemplate } from '@wheelwright/intent';
import { AppError, type JsonObject } from '@wheelwright/kernel';
import { mergeTemplate } from './merge-template.js';
import type { Params } from './params.js';
import { readApplication, withFinalizer } from './read-application.js';
import { compileTree, type Meter } from './render-tree.js';
import { templatePatchOf } from './template-patch.js';
import type { TextEngine } from './text-engine.js';
import type { ExpandIssue, Origin } from './types.js';

/** A generated Application before it is judged. */
export interface Candidate {
  readonly application: Application;
  readonly origin: Origin;
}

/** Characters that all Applications of one set may come to: 64 Mi. */
const MAX_CHARS = 64 * 1024 * 1024;

export interface ApplicationRenderer {
  /** What renders with the template of a generator, at `pointer`, merged over that of the set. */
  forTemplate(own: ApplicationTemplate | undefined, pointer: string): (params: Params) => Application;
  /** What the author should know of what was rendered so far. */
  issues(): readonly ExpandIssue[];
}

/**
 * Renders template and patch of a set. Throws ExpandFailed where a text cannot be rendered, what comes out is no Application, or all of
 * them together become too large.
 */
export function applicationRenderer(set: ApplicationSet, engine: TextEngine): ApplicationRenderer {
  const meter = meterOf();
  const patch = templatePatchOf(set, engine, meter);
  const compiled = new Map<ApplicationTemplate | undefined, (params: Params) => Application>();
  const compile = (own: ApplicationTemplate | undefined): ((params: Params) => Application) => {
    const template = mergeTemplate(own, set.spec.template);
    const render = compileTree(template, '/spec/template', engine);
    return (params) => {
      // Without any parameter the template is taken as it is, and gets no finalizer.
      const isRendered = Object.keys(params).length > 0;
      const plain: JsonObject = isRendered ? withFinalizer(render(params, meter), set) : template;
      if (patch === undefined) return readApplication(plain, set, '/spec/template');
      return readApplication(patch.apply(plain, params), set, '/spec/templatePatch');
    };
  };
  return {
    forTemplate(own) {
      const known = compiled.get(own) ?? compile(own);
      compiled.set(own, known);
      return known;
    },
    issues: () => patch?.issues() ?? [],
  };
}

function meterOf(): Meter {
  let spent = 0;
  return {
    spend(chars) {
      spent += chars;
      if (spent <= MAX_CHARS) return;
      const message = `The Applications of the set come to more than ${String(MAX_CHARS / 1024 / 1024)} MiB of text: make the template smaller, or cut the set into several`;
      throw new AppError('ExpandFailed', message);
    },
  };
}
