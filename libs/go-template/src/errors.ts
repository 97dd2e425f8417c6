// What goes wrong with a template, in the words in which Go says it.

/** `parse`: the text is no template; `execute`: the data does not fit it; `limit`: it would run too long or print too much. */
export type GoTemplateErrorKind = 'parse' | 'execute' | 'limit';

/** The only error that this library throws. The message has Go's shape: `template: :1:3: executing "" at <.x>: map has no entry for key "x"`. */
export class GoTemplateError extends Error {
  override readonly name = 'GoTemplateError';
  readonly kind: GoTemplateErrorKind;

  constructor(kind: GoTemplateErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
