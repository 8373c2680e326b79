import { parseArgs } from 'node:util';
import { usageMessage } from '../platform/errors.ts';
import { STEPS, type Step } from './rotation/decision.ts';

export const USAGE = `Makes and rotates the keys that access tokens and grants of media are signed with.

  npm run keys -- [show|create|publish|switch|retire] [--environment NAME] [--force]
  npm run keys -- media publish|switch|retire [--environment NAME] [--force]

  show     which keys sign, which are next, which are old, and the next steps (this is done unless told)
  create   makes what is missing: the keys that sign, and the other keys that are random; overwrites nothing
  publish  makes the next key of access tokens, and has it known to all who verify tokens
  switch   signs with it
  retire   no longer accepts the one before

  media publish  makes the next key of media, for the next deployment to give to CloudFront
  media switch   signs with it
  media retire   has the next deployment take the one before from CloudFront

  --environment NAME  a stage of samconfig.toml, in Parameter Store; without it the secrets of this machine
  --force             does not wait: some requests will fail
  --help              this text
`;

export interface Arguments {
  readonly command: 'show' | Step;
  /** Whether the step is for the media key. `create` and `show` are for all keys. */
  readonly isOfMedia: boolean;
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
    const isOfMedia = positionals[0] === 'media';
    const [word = 'show', ...others] = isOfMedia ? positionals.slice(1) : positionals;
    const known = isOfMedia ? (['publish', 'switch', 'retire'] as const) : (['show', ...STEPS] as const);
    const command = known.find((candidate) => candidate === word);
    if (command === undefined || others.length > 0) return `There is no command ${positionals.join(' ')}.`;
    return { command, isOfMedia, ...values };
  } catch (error) {
    return usageMessage(error);
  }
}
