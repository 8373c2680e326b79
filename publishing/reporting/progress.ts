/** Shows the progress of an import. */
export interface Progress {
  /** Starts a stage with a total number of steps or bytes. */
  stage(label: string, total: number, unit?: 'bytes'): Stage;
}

export interface Stage {
  /** Advances by one step, or by a number of bytes. */
  advance(this: void, by?: number): void;
  end(): void;
}

/** Shows nothing. For tests and unattended runs. */
export const SILENT: Progress = { stage: () => ({ advance: () => undefined, end: () => undefined }) };
