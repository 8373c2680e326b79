import { secretsFor } from '../tools/keys/local-secrets.ts';
import { mediaKeysOf } from '../tools/keys/media/media-keys.ts';
import type { FunctionModel } from '../tools/template/model.ts';

/** Variables that override those of the template, by function. */
export type FunctionVariables = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The values that local functions get. */
export interface LocalSettings {
  /** All secrets. Each function gets only those that the template names for it. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly mongodbUri: string;
  /** Null if no media are served. */
  readonly mediaUrl: string | null;
  /** Null if functions derive it from each request. */
  readonly apiUrl: string | null;
  /** Settings that direct the AWS client for mail. */
  readonly mail: Readonly<Record<string, string>>;
}

/** Returns the variables of a function: of the secrets, only those that the template names for it. */
export function variablesOf({ environment }: FunctionModel, settings: LocalSettings): Readonly<Record<string, string>> {
  const { secrets, mongodbUri, mediaUrl, apiUrl, mail } = settings;
  return {
    ...secretsFor(environment, {
      ...secrets,
      MONGODB_URI: mongodbUri,
      MEDIA_KEY_PAIR_IDS: JSON.stringify(mediaKeysOf(secrets).keyPairIds),
    }),
    ...('MEDIA_BASE_URL' in environment && mediaUrl !== null && { MEDIA_BASE_URL: mediaUrl }),
    ...('API_URL' in environment && apiUrl !== null && { API_URL: apiUrl }),
    ...('MAIL_FROM' in environment && mail),
  };
}

export function variablesByFunction(
  key: 'name' | 'logicalId',
  functions: readonly FunctionModel[],
  settings: LocalSettings,
): FunctionVariables {
  return Object.fromEntries(functions.map((fn) => [fn[key], variablesOf(fn, settings)]));
}
