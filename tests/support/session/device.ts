import { AsyncLocalStorage } from 'node:async_hooks';
import type { Session, SessionOptions, SignedOutReason } from '../../../client/src/session.ts';
import type { SeededRandom } from '../progress/seeded-random.ts';

/** The storage that all tabs of a device share. */
export interface DeviceStorage {
  text: string | null;
}

export interface DeviceOptions {
  readonly baseUrl: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly random: SeededRandom;
  /** Whether tabs exclude each other, as by Web Locks. */
  readonly locks: boolean;
}

/** How likely something goes wrong. */
export interface Chances {
  /** That the tab dies, at each write and request. */
  readonly crash: number;
  /** That a write is refused. */
  readonly refuse: number;
}

const CALM: Chances = { crash: 0, refuse: 0 };

/** One run of a tab, until it dies. */
interface Run {
  readonly session: Session;
  readonly died: Promise<void>;
  kill(): void;
}

/** A device whose tabs share a storage, and die at any time. */
export class Device {
  readonly storage: DeviceStorage = { text: null };
  /** Why learners were signed out, in any tab. */
  readonly reasons: SignedOutReason[] = [];
  chances: Chances = CALM;
  readonly #options: DeviceOptions;
  readonly #runs = new Map<number, Promise<Run>>();

  constructor(options: DeviceOptions) {
    this.#options = options;
  }

  /** Does something in a tab, which opens first. Returns undefined if the tab dies meanwhile. */
  async in<T>(tab: number, work: (session: Session) => Promise<T>): Promise<T | undefined> {
    const run = await this.#run(tab);
    return Promise.race([realm.run(run, () => work(run.session)), run.died.then(() => undefined)]);
  }

  async kill(tab: number): Promise<void> {
    (await this.#runs.get(tab))?.kill();
  }

  async close(): Promise<void> {
    for (const tab of this.#runs.keys()) await this.kill(tab);
  }

  #run(tab: number): Promise<Run> {
    const run = this.#runs.get(tab) ?? this.#open(tab);
    this.#runs.set(tab, run);
    return run;
  }

  #open(tab: number): Promise<Run> {
    const { random, fetch, baseUrl, locks } = this.#options;
    let kill = () => {};
    const died = new Promise<void>((resolve) => {
      kill = resolve;
    });
    let alive = true;
    const die = () => {
      alive = false;
      if (this.#runs.get(tab) === opening) this.#runs.delete(tab);
      kill();
    };
    /** A dead tab goes no further: it neither stores nor sends anything. */
    const go = async () => {
      if (alive && random.chance(this.chances.crash)) die();
      if (!alive) throw new Error('The tab is dead');
    };
    const options: SessionOptions = {
      baseUrl,
      storage: {
        getItem: async () => this.storage.text,
        setItem: async (_, text) => {
          await go();
          if (random.chance(this.chances.refuse)) throw new Error('QuotaExceededError');
          this.storage.text = text;
          await go();
        },
        removeItem: async () => {
          await go();
          this.storage.text = null;
        },
      },
      fetch: async (url, init) => {
        await go();
        const response = await fetch(url, init);
        await go();
        return response;
      },
      onSignedOut: (reason) => this.reasons.push(reason),
    };
    const { openSession } = locks ? shared() : isolated();
    const opening = realm.run({ died }, async (): Promise<Run> => {
      const session = await Promise.race([openSession(options), died.then(() => null)]);
      if (session === null) return this.#run(tab);
      return {
        session,
        died: died.then(() => session.close()),
        kill: die,
      };
    });
    return opening;
  }
}

/** The tab whose code runs. */
const realm = new AsyncLocalStorage<{ readonly died: Promise<void> }>();

type Module = typeof import('../../../client/src/session.ts');

/** A tab of a browser without Web Locks: modules of its own, and so locks of its own. */
function isolated(): Module {
  let module: Module | undefined;
  jest.isolateModules(() => {
    module = require('../../../client/src/session.ts');
  });
  return module as Module;
}

function shared(): Module {
  return require('../../../client/src/session.ts');
}

/** Locks as in browsers: a tab that dies releases its own. */
export const webLocks = {
  async request<T>(name: string, work: () => Promise<T>): Promise<T> {
    const died = realm.getStore()?.died ?? new Promise<void>(() => undefined);
    const turn = (held.get(name) ?? Promise.resolve()).then(() => {
      const working = work();
      return { working, released: Promise.race([working.then(nothing, nothing), died]) };
    });
    held.set(
      name,
      turn.then(({ released }) => released),
    );
    return (await turn).working;
  },
};

const held = new Map<string, Promise<void>>();

function nothing(): void {
  // A lock is released however the work ends.
}
