import { schemaCompiler } from '../../../shared/http/compile.ts';
import type { Static } from '../../../shared/http/json-schema.ts';
import { type Ipv4Range, parseIpv4Range } from './ipv4-range.ts';
import { parseResourcePattern, type ResourcePattern } from './resource-pattern.ts';

/** What a custom policy allows. */
export interface Policy {
  /** Null for every URL: the policy has no Resource. */
  readonly resource: ResourcePattern | null;
  /** In seconds since 1970: allowed before that second. */
  readonly dateLessThan: number;
  /** In seconds since 1970: allowed after that second. Null without a start. */
  readonly dateGreaterThan: number | null;
  /** Null for every address. */
  readonly sourceIp: Ipv4Range | null;
}

/** The latest second that a date can be: "a 32-bit integer" ("Create a signed URL using a canned policy"). */
export const MAX_EPOCH_SECONDS = 2_147_483_647;

const date = {
  type: 'object',
  properties: { 'AWS:EpochTime': { type: 'integer', minimum: 0, maximum: MAX_EPOCH_SECONDS } },
  required: ['AWS:EpochTime'],
  additionalProperties: false,
} as const;

/** "Include all punctuation and parameter names exactly as specified", so anything else is refused. */
const policySchema = {
  type: 'object',
  properties: {
    Statement: {
      type: 'array',
      minItems: 1,
      // "You can include only one statement in the policy."
      maxItems: 1,
      items: {
        type: 'object',
        properties: {
          Resource: { type: 'string' },
          Condition: {
            type: 'object',
            properties: {
              DateLessThan: date,
              DateGreaterThan: date,
              IpAddress: {
                type: 'object',
                properties: { 'AWS:SourceIp': { type: 'string' } },
                required: ['AWS:SourceIp'],
                additionalProperties: false,
              },
            },
            required: ['DateLessThan'],
            additionalProperties: false,
          },
        },
        required: ['Condition'],
        additionalProperties: false,
      },
    },
  },
  required: ['Statement'],
  additionalProperties: false,
} as const;

const isPolicy = schemaCompiler('body').compile<Static<typeof policySchema>>(policySchema);

/** Parses a custom policy whose signature is valid. Null if it is malformed. White space does not matter. */
export function parsePolicy(json: Buffer): Policy | null {
  const policy = decodeJson(json);
  const [statement] = isPolicy(policy) ? policy.Statement : [];
  if (statement === undefined) return null;
  const { DateLessThan, DateGreaterThan, IpAddress } = statement.Condition;
  const resource = statement.Resource === undefined ? null : parseResourcePattern(statement.Resource);
  const sourceIp = IpAddress === undefined ? null : parseIpv4Range(IpAddress['AWS:SourceIp']);
  if (statement.Resource !== undefined && resource === null) return null;
  if (IpAddress !== undefined && sourceIp === null) return null;
  return {
    resource,
    dateLessThan: DateLessThan['AWS:EpochTime'],
    dateGreaterThan: DateGreaterThan?.['AWS:EpochTime'] ?? null,
    sourceIp,
  };
}

function decodeJson(json: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch {
    return null;
  }
}

/** Builds the canned policy, exact to the byte: a URL has its signature but not its text. */
export function cannedPolicy(url: string, epochSeconds: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      Statement: [{ Resource: url, Condition: { DateLessThan: { 'AWS:EpochTime': epochSeconds } } }],
    }),
  );
}
