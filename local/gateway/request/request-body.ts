import type { IncomingMessage } from 'node:http';
import { GatewayError } from './gateway-error.ts';

/** Largest request body, in bytes ("Quotas for configuring and running a REST API": payload size). */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Reads the body. It does not keep one that is too large: node discards the rest once the request is answered.
 * @throws GatewayError REQUEST_TOO_LARGE.
 */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  if (Number(message.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      reject(tooLarge());
    });
    message.on('end', () => resolve(Buffer.concat(chunks)));
    message.on('error', () => reject(new GatewayError('DEFAULT_4XX', 'the client went away before the body arrived')));
  });
}

function tooLarge(): GatewayError {
  return new GatewayError('REQUEST_TOO_LARGE', `the body is larger than ${MAX_BODY_BYTES} bytes`);
}
