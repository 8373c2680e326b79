const STATUS = { 'invalid-json': 400, 'invalid-request': 400, 'missing-token': 401, 'invalid-token': 401 } as const;

/** A request that a handler does not take. Every handler answers with this status, and JSON with this code. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: keyof typeof STATUS;

  constructor(code: keyof typeof STATUS) {
    super(code);
    this.code = code;
  }

  get status(): number {
    return STATUS[this.code];
  }
}

/** The body of a refusal: the same members as in Lectern's problems, without the list of faults. */
export function refusalBody({ code, status }: Refusal, requestId: string) {
  return { type: `urn:lectern:problem:${code}`, title: code, status, code, requestId };
}
