/** Shows how far an import has come. */
export interface Progress {
  /** Starts a piece of work of so many steps. */
  stage(label: string, steps: number): Stage;
}

export interface Stage {
  advance(): void;
  end(): void;
}

/** For tests, and where nobody watches. */
export const SILENT: Progress = { stage: () => ({ advance: () => undefined, end: () => undefined }) };
