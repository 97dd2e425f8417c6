// Plain scalars as Kubernetes' own parser reads them (sigs.k8s.io/yaml: YAML 1.1 without base 60, timestamps stay texts).
import type { Tags } from 'yaml';

const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F_]+)|0[bB]([01_]+)|0[oO]?([0-7_]+)|(0_*|[1-9][0-9_]*))$/;
const FLOAT = /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9_]+)?$/;

/** Give these to the parser as `customTags` beside the `failsafe` schema (texts, lists and maps). */
export const KUBERNETES_TAGS: Tags = [
  {
    tag: 'tag:yaml.org,2002:null',
    default: true,
    test: /^(?:~|[Nn]ull|NULL)?$/,
    resolve: () => null,
  },
  { tag: 'tag:yaml.org,2002:bool', default: true, test: TRUE, resolve: () => true },
  { tag: 'tag:yaml.org,2002:bool', default: true, test: FALSE, resolve: () => false },
  { tag: 'tag:yaml.org,2002:int', default: true, test: INTEGER, resolve: integer },
  {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
    // JSON has neither; the converter refuses them by name.
    resolve: () => Number.NaN,
  },
  { tag: 'tag:yaml.org,2002:float', default: true, test: FLOAT, resolve: (text) => Number(text.replaceAll('_', '')) },
];

function integer(text: string): number {
  const [, sign = '', hex, binary, octal, decimal = ''] = INTEGER.exec(text) ?? [];
  const [digits, radix] =
    hex !== undefined
      ? [hex, 16]
      : binary !== undefined
        ? [binary, 2]
        : octal !== undefined
          ? [octal, 8]
          : [decimal, 10];
  const value = Number.parseInt(digits.replaceAll('_', ''), radix);
  return sign === '-' && value !== 0 ? -value : value;
}
