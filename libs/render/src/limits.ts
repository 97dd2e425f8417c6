// How much one source may hold before it is refused. A bomb must cost no more than a large honest source.

export interface RenderLimits {
  readonly maxFiles: number;
  /** All manifest files together. */
  readonly maxBytes: number;
  /** Nesting of lists and maps. */
  readonly maxDepth: number;
  /** Lexical tokens of one file: keys, values, marks, line ends. */
  readonly maxTokens: number;
  /** Values of one file after its aliases are expanded. */
  readonly maxValues: number;
  /** Objects of the whole source. */
  readonly maxObjects: number;
}

export const RENDER_LIMITS: RenderLimits = {
  maxFiles: 5_000,
  maxBytes: 16 * 1_024 * 1_024,
  maxDepth: 100,
  maxTokens: 1_000_000,
  maxValues: 300_000,
  maxObjects: 20_000,
};
