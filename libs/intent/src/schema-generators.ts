// The schema of an element of `generators` (`compatibility.md` 2.1, 2.3): every generator, and how deep they may be nested.
import type { z } from 'zod';
import { template } from './schema-application.js';
import { asking, pullRequest, scmProvider } from './schema-generators-scm.js';
import {
  closed,
  filledText,
  flag,
  jsonObject,
  jsonValue,
  labelSelector,
  listOf,
  text,
  textMap,
  texts,
} from './schema-parts.js';
import type { Generator, LeafGenerator } from './types.js';

const pathItem = closed({ path: filledText, exclude: flag.nullish() });

const list = closed({
  elements: listOf(jsonObject).nullish(),
  elementsYaml: text.nullish(),
  template: template.nullish(),
});

const clusters = closed({
  selector: labelSelector.nullish(),
  values: textMap.nullish(),
  flatList: flag.nullish(),
  template: template.nullish(),
});

const git = closed({
  ...asking,
  repoURL: filledText,
  revision: text.nullish(),
  directories: listOf(pathItem).nullish(),
  files: listOf(pathItem).nullish(),
  pathParamPrefix: text.nullish(),
})
  .refine(
    ({ directories = [], files = [] }) => directories.length > 0 || files.length > 0,
    'needs directories or files: list at least one path',
  )
  .transform((value) => ({ ...value, revision: value.revision || 'HEAD' }));

const clusterDecisionResource = closed({
  ...asking,
  configMapRef: filledText,
  name: text.nullish(),
  labelSelector: labelSelector.nullish(),
}).superRefine(({ name = '', labelSelector: selector }, context) => {
  const selects = selector?.matchLabels !== undefined || selector?.matchExpressions !== undefined;
  if ((name !== '') === selects) {
    const what = selects ? 'gives both name and labelSelector' : 'gives neither name nor labelSelector';
    context.addIssue({ code: 'custom', message: `${what}: give exactly one of them` });
  }
});

const plugin = closed({
  ...asking,
  configMapRef: closed({ name: filledText }),
  input: closed({ parameters: jsonObject.nullish() }).nullish(),
});

const leaves = {
  list: list.nullish(),
  clusters: clusters.nullish(),
  git: git.nullish(),
  scmProvider: scmProvider.nullish(),
  pullRequest: pullRequest.nullish(),
  clusterDecisionResource: clusterDecisionResource.nullish(),
  plugin: plugin.nullish(),
};

const LEAVES = Object.keys(leaves);
const KNOWN = ['list', 'clusters', 'git', 'matrix', 'merge', ...LEAVES.slice(3)].join(', ');

/** The generators that an element names, whatever else it holds. */
function generatorsOf(value: object): readonly string[] {
  return Object.keys(value).filter((key) => key !== 'selector');
}

function someGenerator(value: object, context: z.RefinementCtx): void {
  if (generatorsOf(value).length > 0) return;
  const message = `names no generator: give one of ${KNOWN} (an empty one is written "clusters: {}")`;
  context.addIssue({ code: 'custom', message });
}

/** The peer's rule for children: of several generators in one of them, it could not say which parameters are meant. */
function oneGenerator(value: object, context: z.RefinementCtx): void {
  const given = generatorsOf(value);
  if (given.length > 1) {
    const message = `found more than one generator (${given.join(', ')}): a child of matrix or merge holds exactly one`;
    context.addIssue({ code: 'custom', message });
  } else someGenerator(value, context);
}

/** A child of a nested matrix or merge: the one level of nesting is used up. */
const leafChild = closed({
  ...leaves,
  matrix: jsonValue.optional(),
  merge: jsonValue.optional(),
  selector: labelSelector.nullish(),
})
  .superRefine((value, context) => {
    for (const key of ['matrix', 'merge'] as const) {
      if (value[key] === undefined) continue;
      const message = 'is nested too deep: a matrix or merge inside of another one may hold neither';
      context.addIssue({ code: 'custom', path: [key], message });
    }
    oneGenerator(value, context);
  })
  .transform(({ matrix: _matrix, merge: _merge, ...value }): LeafGenerator => value);

function matrixOf<T extends z.ZodType>(child: T) {
  const generators = listOf(child).length(2, 'must hold exactly two generators: matrix combines two');
  return closed({ generators, template: template.nullish() });
}

function mergeOf<T extends z.ZodType>(child: T) {
  return closed({
    generators: listOf(child).min(2, 'must hold at least two generators: merge needs something to merge with'),
    mergeKeys: texts.min(1, 'is empty: give at least one key to merge by'),
    template: template.nullish(),
  });
}

const child = closed({
  ...leaves,
  matrix: matrixOf(leafChild).nullish(),
  merge: mergeOf(leafChild).nullish(),
  selector: labelSelector.nullish(),
})
  .superRefine(oneGenerator)
  .transform((value): Generator => value);

/** One element of `spec.generators`. */
export const generator = closed({
  ...leaves,
  matrix: matrixOf(child).nullish(),
  merge: mergeOf(child).nullish(),
  selector: labelSelector.nullish(),
})
  .superRefine(someGenerator)
  .transform((value): Generator => value);
