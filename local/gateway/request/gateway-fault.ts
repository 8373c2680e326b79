import type { GatewayResponseType } from '../../../tools/template/gateway-response-types.ts';

/** Ends a request with an answer of the gateway's own. The reason is for the log only: clients are not told. */
export class GatewayFault extends Error {
  override readonly name = 'GatewayFault';
  readonly type: GatewayResponseType;

  constructor(type: GatewayResponseType, reason: string) {
    super(reason);
    this.type = type;
  }
}
