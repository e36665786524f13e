// How an output is to look: the same for all formats, each takes what concerns it.

/** What no report says of itself. */
export interface OutputOptions {
  /** Whether text may have colours: a terminal, and NO_COLOR is not set. */
  readonly isColoured: boolean;
  /** Whether text lists safe findings too. */
  readonly isVerbose: boolean;
  /**
   * The folder of supergraph.yaml, seen from the top of the repository, with `/` and without one at its end; empty
   * where it is the top. Annotations and SARIF name files from there.
   */
  readonly folder: string;
}
