// The door of the Go template engine: Go's text/template with the functions that an ApplicationSet may use (Sprig, normalize, slugify, toYaml, fromYaml).
// A text is compiled once and executed with JSON data any number of times. It is pure: no clock and no randomness but those that the caller hands in, and
// bounded: a template may neither run for ever nor print without end. What exists and what differs from Go: docs/reference/go-templates.md.
//
//   compileGoTemplate('{{ .name | upper }}').execute({ name: 'guestbook' })  // GUESTBOOK
export { compileGoTemplate, type GoMissingKey, type GoTemplate, type GoTemplateOptions } from './compile.js';
export { GoTemplateError, type GoTemplateErrorKind } from './errors.js';
export { formatGoValue } from './format-json.js';
export { formatFloat as formatGoFloat } from './float-text.js';
export type { GoTemplateEnvironment } from './functions.js';
export { DEFAULT_LIMITS, type GoTemplateLimits } from './limits.js';
export { normalizeName, slugify, type SlugOptions } from './names.js';
