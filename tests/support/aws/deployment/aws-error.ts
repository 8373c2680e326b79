/** An error that a service answers with. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** A call to a service, such as `UpdateFunctionCode`. */
export interface AwsCall {
  readonly service: 'CloudFormation' | 'CloudWatch' | 'CodeDeploy' | 'Lambda' | 'S3' | 'STS';
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Reads a field of a call that must be a text. */
export function text(input: Readonly<Record<string, unknown>>, name: string): string {
  const value = input[name];
  if (typeof value !== 'string') throw new AwsError('ValidationException', `${name} must be a text`);
  return value;
}

/** Reads a field of a call that must be a list of texts. */
export function texts(input: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = input[name];
  if (!Array.isArray(value)) throw new AwsError('ValidationException', `${name} must be a list`);
  return value.map(String);
}
