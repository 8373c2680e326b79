import type { GatewayResponseType } from '../../../tools/template/gateway-response-types.ts';

/** Ends a request with an answer of the gateway. The reason is only for the log, not for clients. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly type: GatewayResponseType;

  constructor(type: GatewayResponseType, reason: string) {
    super(reason);
    this.type = type;
  }
}
