/** The folders of `handlers/functions/`, in the order of the table, with what each is called there. */
export const PEERS = {
  bare: 'bare handler',
  lectern: 'this handler (`createHandler`)',
  'lectern-plain': 'this handler, verifying tokens as the others do',
  hono: 'hono',
  middy: 'middy',
  powertools: 'powertools event handler',
  fastify: 'fastify + @fastify/aws-lambda',
  express: 'express + serverless-http',
} as const;

export type PeerName = keyof typeof PEERS;

export const PEER_NAMES = Object.keys(PEERS) as readonly PeerName[];
