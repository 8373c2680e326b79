import { contract } from '../../../functions/auth/contract.ts';
import { handler } from '../../../functions/auth/handler.ts';
import { callerOf } from '../functions/call.ts';
import type { Send } from '../progress/flaky-network.ts';

export const BASE_URL = 'http://lectern.test/v1';

const call = callerOf(handler, contract);
let requests = 0;

/** The real auth function behind `fetch`. Each request comes from another network, because rate limits are not the point. */
export const authServer: Send = async (url, { method = 'GET', headers, body }) => {
  requests += 1;
  const { status, body: answer } = await call(`${method} ${url.replace(BASE_URL, '')}`, {
    headers: headers as Record<string, string>,
    sourceIp: `10.${(requests >> 16) & 255}.${(requests >> 8) & 255}.${requests & 255}`,
    ...(typeof body === 'string' && { body }),
  });
  return new Response(answer === undefined ? null : JSON.stringify(answer), { status });
};
