/** The folders of `handlers/functions/`, in the order of the table, with their names there. */
export const PEERS = {
  bare: 'bare handler',
  lectern: 'this handler (`createHandler`)',
  'lectern-plain': 'this handler, verifying tokens as the others do',
  express: 'express + serverless-http',
} as const;

export type PeerName = keyof typeof PEERS;

export const PEER_NAMES = Object.keys(PEERS) as readonly PeerName[];
