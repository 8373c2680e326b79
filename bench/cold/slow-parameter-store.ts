import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { json } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { closeServer, listenOn } from '../../local/http/listen.ts';
import type { Certificate } from './secure-mongo.ts';

/** How long Parameter Store takes to answer, in milliseconds. An assumption: a call within a region. */
const PARAMETER_STORE_MS = 5;

/** Stands in for Parameter Store, over TLS. Returns its address. */
export async function startParameterStore(
  { certFile, keyFile }: Certificate,
  parameters: ReadonlyMap<string, string>,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(
    { cert: await readFile(certFile), key: await readFile(keyFile) },
    async (request, response) => {
      const { Names } = (await json(request)) as { readonly Names: readonly string[] };
      await wait(PARAMETER_STORE_MS);
      const known = Names.filter((name) => parameters.has(name));
      response.setHeader('Content-Type', 'application/x-amz-json-1.1').end(
        JSON.stringify({
          Parameters: known.map((Name) => ({ Name, Type: 'SecureString', Value: parameters.get(Name) })),
          InvalidParameters: Names.filter((name) => !parameters.has(name)),
        }),
      );
    },
  );
  const port = await listenOn(server, [0]);
  return { url: `https://127.0.0.1:${port}`, close: () => closeServer(server) };
}
