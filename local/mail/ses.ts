import { createServer } from 'node:http';
import { closeServer, listenOn } from '../http/listen.ts';
import type { Message } from './eml.ts';

/** Stands in for Amazon SES: accepts messages by its API and stores them instead of delivering them. */
export interface LocalSes {
  /** Settings that direct the functions' AWS client here. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** "SendEmail" of the SES API v2, as far as our functions use it. */
interface SendEmail {
  readonly FromEmailAddress: string;
  readonly Destination: { readonly ToAddresses: readonly string[] };
  readonly Content: {
    readonly Simple: {
      readonly Subject: { readonly Data: string };
      readonly Body: { readonly Text: { readonly Data: string }; readonly Html: { readonly Data: string } };
    };
  };
}

/** @param deliver called with each message. If it fails, the sender gets an error. */
export async function startSes(deliver: (message: Message) => Promise<void>): Promise<LocalSes> {
  let delivered = 0;
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (`${request.method} ${request.url}` !== 'POST /v2/email/outbound-emails') {
        answer(404, { message: 'Only SendEmail is emulated' });
        return;
      }
      await deliver(messageOf(JSON.parse(Buffer.concat(chunks).toString()) as SendEmail));
      delivered += 1;
      answer(200, { MessageId: `local-${delivered}` });
    } catch (error) {
      answer(400, { message: String(error) });
    }
  });
  const port = await listenOn(server, [0]);
  return {
    environment: {
      AWS_ENDPOINT_URL_SESV2: `http://127.0.0.1:${port}`,
      // The client signs its requests and needs credentials to do so. Nobody checks them.
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      // The SDK warns on each start that versions of 2027 need Node 22. Deployed functions run on 24.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    close: () => closeServer(server),
  };
}

function messageOf({ FromEmailAddress, Destination, Content: { Simple } }: SendEmail): Message {
  return {
    from: FromEmailAddress,
    to: Destination.ToAddresses,
    subject: Simple.Subject.Data,
    text: Simple.Body.Text.Data,
    html: Simple.Body.Html.Data,
  };
}
