// What a set asks for that is not expanded yet.
import type { ApplicationSet } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';

/** Throws ExpandFailed that names every part of the set that is not supported: to leave one out would delete what it stands for. */
export function refuseUnsupported(set: ApplicationSet): void {
  const { goTemplate, templatePatch, generators } = set.spec;
  const faults = [
    ...(goTemplate ? [fault('/spec/goTemplate', 'Go templates')] : []),
    ...(templatePatch !== undefined && templatePatch !== '' ? [fault('/spec/templatePatch', 'templatePatch')] : []),
    ...generators.flatMap((element, index) => {
      const pointer = `/spec/generators/${String(index)}`;
      const others = Object.keys(element.others ?? {}).map((key) => fault(`${pointer}/${key}`, `the generator ${key}`));
      const files = (element.git?.files ?? []).length > 0 ? [fault(`${pointer}/git/files`, 'git files')] : [];
      return [...others, ...files];
    }),
  ];
  const empty = generators.flatMap(({ git }, index) => {
    const missing = git !== undefined && (git.directories ?? []).length === 0 && (git.files ?? []).length === 0;
    return missing
      ? [{ pointer: `/spec/generators/${String(index)}/git`, message: 'a git generator needs directories' }]
      : [];
  });
  const all = [...faults, ...empty];
  if (all.length === 0) return;
  const message = `The set is not expanded, and its Applications stay as they are: ${all.map((each) => `${each.message} (${each.pointer})`).join('; ')}`;
  throw new AppError('ExpandFailed', message, { faults: all });
}

function fault(pointer: string, what: string): { readonly pointer: string; readonly message: string } {
  return { pointer, message: `${what} cannot be expanded yet` };
}
