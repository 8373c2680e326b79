/** What the bench tells the process that a handler runs in. */
export type Order =
  | { readonly kind: 'answer'; readonly events: readonly string[] }
  | { readonly kind: 'run'; readonly events: readonly string[]; readonly milliseconds: number }
  | { readonly kind: 'memory' };

/** What one operation takes. */
export interface OperationCost {
  /** From event to answer. */
  readonly microseconds: number;
  /** Of the processor, by all threads of the process. */
  readonly processorMicroseconds: number;
}

/** What a client sees of an answer. */
export interface SeenAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

/** What the process tells back: first, unasked, how long the import took; then one report for each order. */
export type Report =
  | { readonly kind: 'imported'; readonly milliseconds: number }
  | { readonly kind: 'answered'; readonly answers: readonly SeenAnswer[] }
  | { readonly kind: 'ran'; readonly cost: OperationCost }
  | { readonly kind: 'memory'; readonly megabytes: number };
