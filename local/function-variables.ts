import { secretsFor } from '../tools/keys/local-secrets.ts';
import { mediaKeysOf } from '../tools/keys/media/media-keys.ts';
import type { FunctionModel } from '../tools/template/model.ts';

/** Variables over those of the template, by function. */
export type VariablesOfFunctions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What functions on this machine are given something of. */
export interface Supplies {
  /** Of all functions, and more. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly mongodbUri: string;
  /** Null where no media are served. */
  readonly mediaUrl: string | null;
  /** Null where functions are to find it out of each request. */
  readonly apiUrl: string | null;
  /** Where mail goes, as the AWS client is told. */
  readonly mail: Readonly<Record<string, string>>;
}

/** What a function is given: of secrets those that the template names for it, and no others. */
export function variablesOf({ environment }: FunctionModel, supplies: Supplies): Readonly<Record<string, string>> {
  const { secrets, mongodbUri, mediaUrl, apiUrl, mail } = supplies;
  return {
    ...secretsFor(environment, { ...secrets, MONGODB_URI: mongodbUri }),
    ...('MEDIA_BASE_URL' in environment && mediaUrl !== null && { MEDIA_BASE_URL: mediaUrl }),
    ...('MEDIA_KEY_PAIR_ID_A' in environment && mediaKeysOf(secrets).environment),
    ...('API_URL' in environment && apiUrl !== null && { API_URL: apiUrl }),
    ...('MAIL_FROM' in environment && mail),
  };
}

export function variablesBy(
  key: 'name' | 'logicalId',
  functions: readonly FunctionModel[],
  supplies: Supplies,
): VariablesOfFunctions {
  return Object.fromEntries(functions.map((fn) => [fn[key], variablesOf(fn, supplies)]));
}
