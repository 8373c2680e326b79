import { useAwsStandIn } from './stand-in.ts';

interface StoredParameter {
  readonly Name: string;
  readonly Type: string;
  readonly Value: string;
  readonly LastModifiedDate: number;
  /** What encrypts a SecureString: by default the account's own key. */
  readonly KeyId?: string | undefined;
}

/** The requests to Parameter Store that are used here. */
interface ParameterRequest {
  readonly Name: string;
  readonly Names: readonly string[];
  readonly Value: string;
  readonly Type?: string;
  readonly Overwrite?: boolean;
  readonly KeyId?: string;
}

/** A stand-in for Parameter Store. */
export interface TestParameterStore {
  /** All parameters by name. Tests may change it. */
  readonly parameters: Map<string, StoredParameter>;
  /** Refuses all writes after this number. */
  failAfter(writes: number): void;
}

class Refusal extends Error {}

/** Directs the AWS client to a Parameter Store that is empty before each test. Call it once, at the top of the file. */
export function useParameterStore(): TestParameterStore {
  const parameters = new Map<string, StoredParameter>();
  let writesUntilFailure = Number.POSITIVE_INFINITY;

  function countWrite(): void {
    if (writesUntilFailure === 0) throw new Refusal('AccessDeniedException');
    writesUntilFailure -= 1;
  }

  const calls: Readonly<Record<string, (request: ParameterRequest) => unknown>> = {
    'AmazonSSM.GetParameters': ({ Names }) => {
      if (Names.length > 10) throw new Refusal('ValidationException');
      return {
        Parameters: Names.flatMap((name) => parameters.get(name) ?? []),
        InvalidParameters: Names.filter((name) => !parameters.has(name)),
      };
    },
    'AmazonSSM.PutParameter': ({ Name, Value, Type, KeyId, Overwrite = false }) => {
      countWrite();
      const present = parameters.get(Name);
      if (present && !Overwrite) throw new Refusal('ParameterAlreadyExists');
      const type = Type ?? present?.Type;
      // The longest value of a standard parameter.
      if (type === undefined || Value.length > 4096) throw new Refusal('ValidationException');
      if (type !== 'SecureString' && KeyId !== undefined) throw new Refusal('ValidationException');
      parameters.set(Name, { Name, Value, Type: type, LastModifiedDate: Date.now() / 1000, KeyId });
      return {};
    },
    'AmazonSSM.DeleteParameter': ({ Name }) => {
      countWrite();
      if (!parameters.delete(Name)) throw new Refusal('ParameterNotFound');
      return {};
    },
  };

  useAwsStandIn('AWS_ENDPOINT_URL_SSM', ({ headers, body }) => {
    const request = body as ParameterRequest;
    try {
      return { body: calls[String(headers['x-amz-target'])]?.(request) };
    } catch (error) {
      // As AWS may, quoting input in its message.
      const message = `Value '${request.Value}' is refused`;
      return { status: 400, body: { __type: (error as Error).message, message } };
    }
  });

  beforeEach(() => {
    parameters.clear();
    writesUntilFailure = Number.POSITIVE_INFINITY;
  });

  return {
    parameters,
    failAfter: (writes) => {
      writesUntilFailure = writes;
    },
  };
}
