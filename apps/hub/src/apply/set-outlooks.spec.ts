import { parseDocuments } from '@wheelwright/intent';
import { describe, expect, it } from 'vitest';
import { lintOf } from './set-outlooks.js';

const set = (generator: string, template = "name: 'x'"): string => `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: teams }
spec:
  generators:
    - ${generator}
  template:
    metadata: { ${template} }
    spec: { source: { repoURL: 'https://git.example.com/a/b', path: x }, destination: { name: in-cluster } }
`;

/** Code and line of each warning about the sets of a text. */
function warnings(text: string): readonly string[] {
  return parseDocuments(text)
    .placed.flatMap(lintOf)
    .map(({ code, line }) => `${String(code)} ${String(line)}`);
}

describe('the lint of apply', () => {
  it('explains a trailing slash and a parameter that the generator does not produce, at their lines', () => {
    const git = `git: { repoURL: 'https://git.example.com/a/b', directories: [{ path: guestbook/ }] }`;
    expect(warnings(set(git, `name: '{{path.basename}}-{{name}}'`))).toEqual([
      'TrailingSlash 6',
      'UnresolvedParameter 8',
    ]);
  });

  it('says at once why a set can never be expanded', () => {
    expect(warnings(set(`list: { elements: [{ replicas: 3 }] }`))).toEqual(['ExpandFailed 6']);
  });

  it('has nothing to say about a set without faults', () => {
    expect(warnings(set(`list: { elements: [{ name: a }] }`, `name: '{{name}}'`))).toEqual([]);
  });
});
