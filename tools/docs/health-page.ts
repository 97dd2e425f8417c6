// The page that says how kinds are judged, with the table of all rules.
import { RULES, type HealthRule } from '@wheelwright/health';
import { LUA_LIMITS } from '@wheelwright/health/adapters';
import { table } from './table.js';

const KIBIBYTE = 1_024;

/** The text of `docs/reference/health.md`. */
export function healthPage(): string {
  const groups = [...new Set(RULES.map(({ group }) => group))].sort();
  const rules = groups.map((group) =>
    groupText(
      group,
      RULES.filter((rule) => rule.group === group),
    ),
  );
  const { timeoutMs, memoryBytes, messageLength } = LUA_LIMITS;
  return `# Health

Generated from \`libs/health/src\` by \`UPDATE_GOLDEN=1 npx vitest run tools/docs.spec.ts\`.

The health of a live object is Healthy, Suspended, Progressing, Missing, Degraded or Unknown, from best to worst. That of an Application is the worst
of its objects; one object that is missing does not worsen it (that is a matter of sync), and it is Missing where none is there. An object with the
annotation \`argocd.argoproj.io/ignore-healthcheck: "true"\` does not count.

## Who decides

1. An object that is being deleted is Progressing, unless it is a hook.
2. A check of \`argocd-cm\` that names the kind; then the longest pattern of \`argocd-cm\` that matches it.
3. The rule of the kind in the table below; then that of its group; then that of many groups (\`*.crossplane.io\`).
4. No rule: no opinion, which counts as healthy, as in Argo CD. Nothing is guessed from an unknown kind's status, and its objects are never read in
   full.

Rules follow the conventions of kstatus where the kind does: a generation that was not observed yet is Progressing, then \`Stalled\`, \`Reconciling\`
and \`Ready\` are asked. A rule never calls an object Degraded without a condition or field that says so. The ${String(RULES.length)} rules below cover
${String(kindsNamed())} kinds by name, and all kinds of ${String(groupsCovered())} groups or families of groups; each of their verdicts has an example in
\`libs/health/fixtures\`.

## Checks of your own

Apply the \`argocd-cm\` that you have, in the namespace \`argocd\`. Of it are kept and used:

\`\`\`yaml
apiVersion: v1
kind: ConfigMap
metadata: { name: argocd-cm, namespace: argocd }
data:
  resource.customizations.health.acme.example.com_Widget: |
    hs = { status = "Progressing", message = "waiting" }
    if obj.status ~= nil and obj.status.phase == "Up" then
      hs.status = "Healthy"
    end
    return hs
  resource.customizations.useOpenLibs.acme.example.com_Widget: "true"
  # The old form, with patterns:
  resource.customizations: |
    "*.example.com/*":
      health.lua: |
        return nil
\`\`\`

Settings of Argo CD that are not read are dropped, not stored, and named in a warning of the apply; so are members that have no effect here
(\`actions\`, \`ignoreResourceUpdates\`, \`knownTypeFields\`). When checks change or go, the Applications that have objects of those kinds are judged anew at
once.

A check is Lua: the global \`obj\` is the live object, and it returns \`{ status, message }\`.

${table(
  ['It returns', 'The object is'],
  [
    ['a table with a known \`status\`', 'that'],
    ['a table with another \`status\`', 'Unknown: invalid health status'],
    ['nil, or nothing', 'without an opinion: it counts as healthy'],
    ['anything else, or an error', 'Unknown: \`lua error: …\`'],
  ],
)}

Every run has a state of its own, in a thread that does nothing else, and at most:

${table(
  ['Limit', 'Value'],
  [
    [
      'time',
      `${String(timeoutMs)} ms; a check that runs out of it on 3 objects in a row is not run until it is changed`,
    ],
    ['memory', `${String(memoryBytes / KIBIBYTE / KIBIBYTE)} MiB beyond the object`],
    ['message', `${String(messageLength)} bytes; the rest is cut off`],
    [
      'libraries',
      '`table`, `string`, `math`, and `os` with `time`, `date`, `clock`, `difftime`; with `useOpenLibs` also `utf8` and `coroutine`. No files, no `io`, no `debug`, no bytecode; `require` answers what is there',
    ],
  ],
)}

The language is Lua 5.4 with the names of 5.1 that checks use (\`unpack\`, \`table.getn\`, \`table.maxn\`, \`loadstring\`, \`math.pow\`), and \`%d\` takes numbers
that are not whole. What differs: \`4 / 2\` is written \`2.0\`, and \`setfenv\` and \`module\` are gone. A verdict is remembered for that version of the object
and the check: a check that goes by the clock is asked again when the object changes.

## Rules

Of each kind, what is asked, in this order; the first answer decides.

${rules.join('\n\n')}
`;
}

/** Kinds that are judged alike share a line. */
function groupText(group: string, rules: readonly HealthRule[]): string {
  const byWords = new Map<string, string[]>();
  for (const { kind, says } of rules) {
    const words = says.join('. ');
    byWords.set(words, [...(byWords.get(words) ?? []), kind]);
  }
  const lines = [...byWords].map(([words, kinds]) => {
    const names = kinds.map((kind) => (kind === '*' ? 'all others' : kind)).join(', ');
    return `- **${names}**: ${words}.`;
  });
  return [`### ${group === '' ? 'Core' : group.replace('*', '\\*')}`, '', ...lines].join('\n');
}

function kindsNamed(): number {
  return RULES.filter(({ kind }) => kind !== '*').length;
}

function groupsCovered(): number {
  return RULES.filter(({ kind }) => kind === '*').length;
}
