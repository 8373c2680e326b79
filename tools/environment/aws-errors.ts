const NO_CREDENTIALS = 'There are no AWS credentials: set AWS_PROFILE, or run `aws configure`.';

/** Describes why a command failed that works on AWS. */
export function describeFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return error.name === 'CredentialsProviderError' ? NO_CREDENTIALS : error.message;
}
