// The git generator: directories where it lists any, otherwise files.
import type { GitGenerator } from '@wheelwright/intent';
import { generateGitDirectories } from './generate-git-directories.js';
import { generateGitFiles } from './generate-git-files.js';
import { failedAt, type GeneratorContext, type Produced } from './params.js';

/** As in Argo CD `files` are not read where there are `directories`. Throws ExpandFailed where there are neither. */
export function generateGit(git: GitGenerator, context: GeneratorContext): Produced {
  if ((git.directories ?? []).length > 0) return generateGitDirectories(git, context);
  if ((git.files ?? []).length > 0) return generateGitFiles(git, context);
  throw failedAt(context.pointer, 'a git generator needs directories or files');
}
