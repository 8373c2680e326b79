import { parseArgs } from 'node:util';
import { usageMessage } from '../platform/errors.ts';
import { STEPS, type Step } from './rotation/decision.ts';

export const USAGE = `Creates and rotates the keys that sign access tokens and media grants.

  npm run keys -- [show|create|publish|switch|retire] [--environment NAME] [--force]
  npm run keys -- media publish|switch|retire [--environment NAME] [--force]

  show     (default) shows the signing, next and old keys, and the next steps
  create   creates missing signing keys and random keys; overwrites nothing
  publish  creates the next key of access tokens and publishes it to all verifiers
  switch   signs with the next key
  retire   stops accepting the old key

  media publish  creates the next media key, which the next deployment gives to CloudFront
  media switch   signs with the next key
  media retire   lets the next deployment remove the old key from CloudFront

  --environment NAME  a stage of samconfig.toml, in Parameter Store; by default, this machine
  --force             does not wait; some requests will fail
  --help              shows this text
`;

export interface Arguments {
  readonly command: 'show' | Step;
  /** Whether the step rotates the media key. `create` and `show` are for all keys. */
  readonly isMedia: boolean;
  readonly environment: string;
  readonly force: boolean;
  readonly help: boolean;
}

/** Parses the arguments. Returns a message if they are wrong. */
export function parseArguments(args: readonly string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        environment: { type: 'string', default: 'local' },
        force: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const isMedia = positionals[0] === 'media';
    const [word = 'show', ...others] = isMedia ? positionals.slice(1) : positionals;
    const known = isMedia ? (['publish', 'switch', 'retire'] as const) : (['show', ...STEPS] as const);
    const command = known.find((candidate) => candidate === word);
    if (command === undefined || others.length > 0) return `Unknown command: ${positionals.join(' ')}.`;
    return { command, isMedia, ...values };
  } catch (error) {
    return usageMessage(error);
  }
}
