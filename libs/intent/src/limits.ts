// How much of a document is looked at before it is refused: a bomb must cost no more than a large honest apply.

export interface ParseLimits {
  /** UTF-16 code units of the whole text. */
  readonly maxLength: number;
  /** Nesting of lists and maps. */
  readonly maxDepth: number;
  /** Lexical tokens of the whole text: keys, values, marks, line ends. */
  readonly maxTokens: number;
  /** Values after aliases are expanded. */
  readonly maxValues: number;
  /** Documents of the whole text, empty ones too: each costs the parser something. */
  readonly maxDocuments: number;
  /** Objects of the whole text. */
  readonly maxObjects: number;
}

export const DEFAULT_LIMITS: ParseLimits = {
  maxLength: 4 * 1024 * 1024,
  maxDepth: 64,
  maxTokens: 1_000_000,
  maxValues: 200_000,
  maxDocuments: 20_000,
  maxObjects: 5_000,
};
