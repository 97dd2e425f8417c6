// Sprig's functions on versions.
import { asText, fn, type FunctionTable } from '../functions.js';
import { parseConstraints } from './semver-constraint.js';
import { parseVersion } from './version.js';

export const SEMVER: FunctionTable = {
  semver: fn('string', ([text]) => parseVersion(asText(text))),
  semverCompare: fn('string string', ([constraint, version]) => {
    const constraints = parseConstraints(asText(constraint));
    const parsed = parseVersion(asText(version));
    return constraints.some((all) => all.every((one) => one(parsed)));
  }),
};
