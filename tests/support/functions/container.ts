import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import type { APIGatewayProxyResult } from 'aws-lambda';

const PROGRAM = path.resolve(import.meta.dirname, '../fixtures/container/container.mjs');

type Message =
  | { readonly kind: 'initialized' }
  | { readonly kind: 'answered'; readonly result: APIGatewayProxyResult }
  | { readonly kind: 'failed'; readonly message: string };

/** A function's bundle in a process of its own, whose init phase is over. */
export interface Container {
  /** The answer to an event. A string is the message of an error that the handler threw. */
  invoke(event: unknown): Promise<APIGatewayProxyResult | string>;
  /** Stops the process until `thaw`, as Lambda does between requests. */
  freeze(): void;
  thaw(): void;
  /** Ends the process and returns everything that it has written. */
  end(): Promise<string>;
}

/** Returns once the bundle is loaded. @param env all variables of the process */
export async function startContainer(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Container> {
  const child = fork(PROGRAM, [pathToFileURL(path.join(directory, 'index.mjs')).href], {
    execArgv: [],
    env,
    silent: true,
  });
  const exit = once(child, 'exit');
  const output = Promise.all([child.stdout, child.stderr].map((stream) => (stream === null ? '' : text(stream))));
  const ended = exit.then(async () => {
    throw new Error(`The container ended: ${(await output).join('')}`);
  });
  ended.catch(() => undefined);
  const next = async () => {
    const [message] = await Promise.race([once(child, 'message'), ended]);
    return message as Message;
  };
  await next();
  return {
    async invoke(event) {
      const answer = next();
      child.send(event as object);
      const message = await answer;
      if (message.kind === 'answered') return message.result;
      return message.kind === 'failed' ? message.message : 'The container was initialized twice';
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async end() {
      child.kill('SIGKILL');
      await exit;
      return (await output).join('');
    },
  };
}
