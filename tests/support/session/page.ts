import { openSession, type Session } from '../../../client/src/session.ts';
import type { KeyValueStorage } from '../../../client/src/storage.ts';

/* A tab of a web app, which tests drive. */

export interface Tab {
  session: Session;
  readonly signedOut: string[];
  open(baseUrl: string): Promise<void>;
  /** Returns the token, or the name and the reason of the error. */
  token(renewed: boolean, refused?: string, userId?: string): Promise<string>;
}

declare global {
  /** Runs inside the page. */
  var tab: Tab;
}

const { localStorage } = globalThis as unknown as { localStorage: KeyValueStorage };

globalThis.tab = {
  signedOut: [],
  session: undefined as unknown as Session,
  async open(baseUrl) {
    this.session = await openSession({
      baseUrl,
      storage: localStorage,
      onSignedOut: (reason) => this.signedOut.push(reason),
    });
  },
  async token(renewed, refused, userId) {
    const { session } = this;
    try {
      return await (userId === undefined ? session.accessToken : session.accessTokenOf(userId))(renewed, refused);
    } catch (error) {
      const { name, reason = '' } = error as { readonly name: string; readonly reason?: string };
      return `${name} ${reason}`.trim();
    }
  },
};
