import { createHash, randomUUID } from 'node:crypto';
import { type AwsCall, AwsError, text } from './aws-error.ts';

/** What a version freezes. */
export type Configuration = Readonly<Record<string, unknown>>;

interface Code {
  readonly sha256: string;
  readonly size: number;
}

interface Version {
  readonly configuration: Configuration;
  readonly code: Code;
  readonly description: string;
  /** How often it is still reported as pending. */
  pending: number;
}

interface Alias {
  version: string;
  weights: Readonly<Record<string, number>>;
}

export interface StoredFunction {
  readonly name: string;
  configuration: Configuration;
  code: Code;
  description: string;
  revisionId: string;
  /** Whether an update was made since the last publication. */
  isUpdated: boolean;
  /** How often the last update is still reported as in progress. */
  updating: number;
  readonly versions: Map<string, Version>;
  readonly aliases: Map<string, Alias>;
}

export interface LambdaStandIn {
  readonly functions: Map<string, StoredFunction>;
  create(name: string, configuration: Configuration, zip: Uint8Array): StoredFunction;
  setCode(fn: StoredFunction, zip: Uint8Array): void;
  setConfiguration(fn: StoredFunction, configuration: Configuration, description: string): void;
  /** Returns the version. It is the last one if nothing was updated since. */
  publish(fn: StoredFunction, description: string): string;
  call(call: AwsCall): unknown;
}

/** How often an update or a new version is reported as unfinished ("Lambda function states"). */
const UNFINISHED_READS = 2;

const PAGE = 4;

/**
 * A stand-in for Lambda, by the API reference and `service-2.json` of botocore.
 * - `UpdateFunctionCode` takes a `RevisionId`, and 412 `PreconditionFailedException` is the answer if it is not the
 *   last one. Without `Architectures`, the function becomes `x86_64`.
 * - While an update is in progress, updates and publications get 409 `ResourceConflictException`.
 * - `PublishVersion` publishes only after an update, of the same code too (moto's tests of `publish_version`, which were
 *   verified against AWS).
 * - A version that an alias names cannot be deleted.
 */
export function lambdaStandIn(readObject: (bucket: string, key: string) => Uint8Array | undefined): LambdaStandIn {
  const functions = new Map<string, StoredFunction>();

  function find(name: string): StoredFunction {
    const fn = functions.get(name);
    if (fn === undefined) throw new AwsError('ResourceNotFoundException', `Function not found: ${name}`, 404);
    return fn;
  }

  function assertFinished(fn: StoredFunction): void {
    if (fn.updating === 0) return;
    throw new AwsError(
      'ResourceConflictException',
      `The operation cannot be performed at this time. An update is in progress for resource: ${fn.name}`,
      409,
    );
  }

  function updated(fn: StoredFunction): void {
    fn.revisionId = randomUUID();
    fn.isUpdated = true;
    fn.updating = UNFINISHED_READS;
  }

  function describe(fn: StoredFunction, number?: string) {
    const version = number === undefined ? undefined : fn.versions.get(number);
    if (number !== undefined && version === undefined)
      throw new AwsError('ResourceNotFoundException', `Function not found: ${fn.name}:${number}`, 404);
    const { configuration, code, description } = version ?? fn;
    const isUpdating = version === undefined && fn.updating > 0;
    const isPending = (version?.pending ?? 0) > 0;
    return {
      ...configuration,
      FunctionName: fn.name,
      FunctionArn: `arn:aws:lambda:eu-west-1:123456789012:function:${fn.name}${number === undefined ? '' : `:${number}`}`,
      Version: number ?? '$LATEST',
      Description: description,
      CodeSha256: code.sha256,
      CodeSize: code.size,
      RevisionId: version === undefined ? fn.revisionId : `revision-of-${number}`,
      State: isPending ? 'Pending' : 'Active',
      LastUpdateStatus: isUpdating ? 'InProgress' : 'Successful',
    };
  }

  function describeAlias([Name, { version, weights }]: readonly [string, Alias]) {
    return {
      Name,
      FunctionVersion: version,
      ...(Object.keys(weights).length > 0 && { RoutingConfig: { AdditionalVersionWeights: weights } }),
    };
  }

  const standIn: LambdaStandIn = {
    functions,
    create(name, configuration, zip) {
      const fn: StoredFunction = {
        name,
        configuration,
        code: codeOf(zip),
        description: '',
        revisionId: randomUUID(),
        isUpdated: true,
        updating: 0,
        versions: new Map(),
        aliases: new Map(),
      };
      functions.set(name, fn);
      return fn;
    },
    setCode(fn, zip) {
      assertFinished(fn);
      fn.code = codeOf(zip);
      updated(fn);
    },
    setConfiguration(fn, configuration, description) {
      assertFinished(fn);
      fn.configuration = configuration;
      fn.description = description;
      updated(fn);
    },
    publish(fn, description) {
      assertFinished(fn);
      const numbers = [...fn.versions.keys()].map(Number);
      const last = Math.max(0, ...numbers, highest.get(fn.name) ?? 0);
      if (!fn.isUpdated && last > 0) return String(last);
      const { configuration, code } = fn;
      const number = String(last + 1);
      fn.versions.set(number, {
        configuration,
        code,
        description: description || fn.description,
        pending: UNFINISHED_READS,
      });
      highest.set(fn.name, last + 1);
      fn.isUpdated = false;
      return number;
    },
    call({ operation, input }) {
      const fn = find(text(input, 'FunctionName'));
      switch (operation) {
        case 'GetAlias': {
          const name = text(input, 'Name');
          const alias = fn.aliases.get(name);
          if (alias === undefined) throw new AwsError('ResourceNotFoundException', `No alias ${name}`, 404);
          return describeAlias([name, alias]);
        }
        case 'ListAliases':
          return { Aliases: [...fn.aliases].map(describeAlias) };
        case 'GetFunctionConfiguration': {
          const qualifier = input['Qualifier'];
          const described = describe(fn, typeof qualifier === 'string' ? qualifier : undefined);
          const version = fn.versions.get(String(qualifier));
          if (version === undefined) fn.updating = Math.max(0, fn.updating - 1);
          else version.pending = Math.max(0, version.pending - 1);
          return described;
        }
        case 'ListVersionsByFunction': {
          const all = [describe(fn), ...[...fn.versions.keys()].map((number) => describe(fn, number))];
          const start = Number(input['Marker'] ?? 0);
          const more = start + PAGE < all.length;
          return { Versions: all.slice(start, start + PAGE), ...(more && { NextMarker: String(start + PAGE) }) };
        }
        case 'UpdateFunctionCode': {
          const { RevisionId: revision, Architectures = ['x86_64'] } = input;
          if (revision !== undefined && revision !== fn.revisionId)
            throw new AwsError('PreconditionFailedException', 'The RevisionId provided does not match', 412);
          const zip = readObject(text(input, 'S3Bucket'), text(input, 'S3Key'));
          if (zip === undefined)
            throw new AwsError('InvalidParameterValueException', 'Error occurred while GetObject. NoSuchKey');
          standIn.setCode(fn, zip);
          fn.configuration = { ...fn.configuration, Architectures };
          return describe(fn);
        }
        case 'PublishVersion': {
          const { CodeSha256: expected, Description: description } = input;
          if (expected !== undefined && expected !== fn.code.sha256)
            throw new AwsError(
              'InvalidParameterValueException',
              `CodeSHA256 (${expected}) is different from current CodeSHA256 in $LATEST (${fn.code.sha256})`,
            );
          return describe(fn, standIn.publish(fn, typeof description === 'string' ? description : ''));
        }
        case 'DeleteFunction': {
          const number = text(input, 'Qualifier');
          const users = [...fn.aliases].filter(([, { version, weights }]) => version === number || number in weights);
          if (users.length > 0 || number === '$LATEST')
            throw new AwsError('ResourceConflictException', `Aliases refer to version ${number}`, 409);
          if (!fn.versions.delete(number)) throw new AwsError('ResourceNotFoundException', 'No such version', 404);
          return {};
        }
        default:
          throw new AwsError('UnknownOperationException', `Lambda has no ${operation} here`, 404);
      }
    },
  };
  /** Numbers are never used again, even of deleted versions ("Lambda function versions"). */
  const highest = new Map<string, number>();
  return standIn;
}

function codeOf(zip: Uint8Array): Code {
  return { sha256: createHash('sha256').update(zip).digest('base64'), size: zip.length };
}

/** Names the operation of a request to Lambda, which has a path for each ("Actions", Lambda API reference). */
export function lambdaCall(method: string, url: URL, body: unknown): AwsCall | null {
  const [, name = '', resource = '', alias] =
    /^\/2015-03-31\/functions\/([^/]+)(?:\/(\w+)(?:\/([^/]+))?)?$/.exec(url.pathname) ?? [];
  if (name === '') return null;
  const operations: Readonly<Record<string, string>> = {
    'GET aliases': alias === undefined ? 'ListAliases' : 'GetAlias',
    'GET configuration': 'GetFunctionConfiguration',
    'GET versions': 'ListVersionsByFunction',
    'PUT code': 'UpdateFunctionCode',
    'POST versions': 'PublishVersion',
    'DELETE ': 'DeleteFunction',
  };
  const query = Object.fromEntries(url.searchParams);
  const input = { ...(body as object), ...query, FunctionName: name, ...(alias !== undefined && { Name: alias }) };
  return { service: 'Lambda', operation: operations[`${method} ${resource}`] ?? `${method} ${url.pathname}`, input };
}
