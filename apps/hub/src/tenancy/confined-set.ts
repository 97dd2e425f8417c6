// A set and the project of a role in; every way in which the set could leave the project, out. Pure.
import {
  walkGenerators,
  type AppProject,
  type ApplicationSet,
  type ApplicationTemplate,
  type Generator,
} from '@wheelwright/intent';
import { permitsSource } from '@wheelwright/policy';

/** One thing in a set that a role of a project may not declare. `pointer` leads into the set. */
export interface Escape {
  readonly pointer: string;
  readonly message: string;
}

/**
 * What could make an Application of another project out of the set: every project must be written out, and no patch may put another in its place.
 * A set without such a thing generates Applications of its project only, whatever its parameters are.
 */
export function projectEscapes(set: ApplicationSet, project: string): readonly Escape[] {
  const own = set.spec.template.spec?.['project'];
  return [
    ...(own === project
      ? []
      : [escape('/spec/template/spec/project', `the project must be written out as "${project}"`)]),
    ...(set.spec.templatePatch === undefined
      ? []
      : [escape('/spec/templatePatch', 'a patch could change the project of an Application')]),
    ...walkGenerators(set).flatMap(({ element, pointer }) =>
      templatesOf(element).flatMap(({ kind, template }) => {
        const other = template.spec?.['project'];
        return other === undefined || other === project
          ? []
          : [escape(`${pointer}/${kind}/template/spec/project`, `the project must be written out as "${project}"`)];
      }),
    ),
  ];
}

/** Generators that send a credential of the hub to an address that the set names, or read what no project has a say in. */
const OF_ADMINISTRATORS = ['scmProvider', 'pullRequest', 'clusterDecisionResource', 'plugin'] as const;

/** What the generators of the set would read that the project does not permit, or that only administrators may have read. */
export function readingEscapes(set: ApplicationSet, project: AppProject): readonly Escape[] {
  return walkGenerators(set).flatMap(({ element, pointer }) => [
    ...OF_ADMINISTRATORS.filter((kind) => element[kind] !== undefined).map((kind) =>
      escape(`${pointer}/${kind}`, 'reads with credentials of the hub'),
    ),
    ...repositoryEscapes(element, { pointer, project }),
  ]);
}

function repositoryEscapes(
  { git }: Generator,
  { pointer, project }: { readonly pointer: string; readonly project: AppProject },
): readonly Escape[] {
  if (git === undefined) return [];
  const at = `${pointer}/git/repoURL`;
  if (git.repoURL.includes('{{')) return [escape(at, 'the repository must be written out')];
  return permitsSource(project, git.repoURL).map(({ message }) => escape(at, message));
}

type Kind = Exclude<keyof Generator, 'selector'>;

function templatesOf(element: Generator): readonly { readonly kind: Kind; readonly template: ApplicationTemplate }[] {
  const kinds: readonly Kind[] = [
    'list',
    'clusters',
    'git',
    'scmProvider',
    'pullRequest',
    'clusterDecisionResource',
    'plugin',
    'matrix',
    'merge',
  ];
  return kinds.flatMap((kind) => {
    const template = element[kind]?.template;
    return template === undefined ? [] : [{ kind, template }];
  });
}

function escape(pointer: string, why: string): Escape {
  return { pointer, message: `${why}: ask an administrator to apply this set` };
}
