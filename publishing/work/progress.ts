/** Shows how far an import has come. */
export interface Progress {
  /** Starts a piece of work of so many steps, or bytes. */
  stage(label: string, total: number, unit?: 'bytes'): Stage;
}

export interface Stage {
  /** By one step, or by so many bytes. */
  advance(this: void, by?: number): void;
  end(): void;
}

/** For tests, and where nobody watches. */
export const SILENT: Progress = { stage: () => ({ advance: () => undefined, end: () => undefined }) };
