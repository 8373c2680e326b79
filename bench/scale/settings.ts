import { PASSWORD_COST } from '../../functions/auth/password/password-hash.ts';
import { createSigningKey } from '../../tools/keys/access-token/create-signing-key.ts';
import { KEY_PAIR_ID, PRIVATE_KEY } from '../media/signing.ts';

/** What the functions of the journey read from their environment besides the addresses of the database and of SES. */
export function journeySettings(): Readonly<Record<string, string>> {
  const { privateKey, publicKeys } = createSigningKey();
  const randomKey = (name: string) => `the ${name} key of the bench, which protects nothing at all`;
  return {
    ACCESS_TOKEN_PRIVATE_KEY: privateKey,
    ACCESS_TOKEN_PUBLIC_KEYS: publicKeys,
    TOKEN_ISSUER: 'https://auth.lectern.example',
    TOKEN_AUDIENCE: 'https://api.lectern.example/bench',
    CURSOR_KEY: randomKey('cursor'),
    REFRESH_KEY: randomKey('refresh'),
    RATE_LIMIT_KEY: randomKey('limit'),
    FEED_KEY: randomKey('feed'),
    MEDIA_BASE_URL: 'https://media.example.com',
    MEDIA_SIGNING_KEY: JSON.stringify({ slot: 'a', privateKey: PRIVATE_KEY }),
    MEDIA_KEY_PAIR_IDS: JSON.stringify({ a: KEY_PAIR_ID, b: '' }),
    APP_URL: 'https://app.example.com',
    MAIL_FROM: 'no-reply@example.com',
    RESET_ANSWER_SECONDS: '0',
    AWS_REGION: 'eu-west-1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
}

/** Hashes passwords at a hundredth of the cost, where time does not matter. The hash has the same length. */
export function useQuickHashes(): void {
  Object.assign(PASSWORD_COST, { ln: 10 });
}
