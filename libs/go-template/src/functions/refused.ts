// Functions of Sprig that make keys, certificates and passwords. They exist in the language, so a template with them compiles; calling one is an error that says why.
import { fn, type FunctionTable } from '../functions.js';
import { GoCallError } from '../values.js';

const RANDOM = 'it makes something new each time, so that every expansion would change the Applications';
const SECRET = 'passwords and keys do not belong into an Application, where everyone who reads it would see them';

const REASONS: Readonly<Record<string, string>> = {
  genPrivateKey: RANDOM,
  genCA: RANDOM,
  genCAWithKey: RANDOM,
  genSelfSignedCert: RANDOM,
  genSelfSignedCertWithKey: RANDOM,
  genSignedCert: RANDOM,
  genSignedCertWithKey: RANDOM,
  buildCustomCert: SECRET,
  bcrypt: RANDOM,
  htpasswd: RANDOM,
  encryptAES: RANDOM,
  decryptAES: SECRET,
  derivePassword: SECRET,
};

export const REFUSED: FunctionTable = Object.fromEntries(
  Object.entries(REASONS).map(([name, reason]) => [
    name,
    fn('any...', () => {
      throw new GoCallError(`${name} is not supported: ${reason}`);
    }),
  ]),
);
