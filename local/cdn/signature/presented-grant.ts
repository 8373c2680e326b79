/** A viewer's request, and its proof of permission. */
export interface ViewerRequest {
  /** As the client sees it, with the port if there is one. */
  readonly host: string;
  /** Path and query string as sent. */
  readonly target: string;
  readonly cookie: string | undefined;
  /** From the socket. */
  readonly sourceAddress: string;
}

const FIELDS = ['Policy', 'Expires', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'] as const;

type Field = (typeof FIELDS)[number];

/** The signed URL or signed cookies of a request, unverified. */
export interface PresentedGrant {
  /** The URL without its signing parameters. */
  readonly baseUrl: string;
  readonly fields: ReadonlyMap<Field, string>;
  /** Whether a field is repeated, which makes the grant invalid. */
  readonly isAmbiguous: boolean;
}

/**
 * Reads the grant of a request. A URL with any of the parameters counts as signed, and then cookies are ignored
 * ("Decide to use signed URLs or signed cookies"). Names are case-sensitive, and nothing is decoded, since neither
 * names nor values need it.
 */
export function readGrant({ host, target, cookie }: ViewerRequest): PresentedGrant {
  const [path = '', ...rest] = target.split('?');
  const query = rest.length === 0 ? [] : rest.join('?').split('&');
  const parameters = query.map(pairOf);
  const own = query.filter((_, index) => !isField(parameters[index]?.name ?? ''));
  const pairs = own.length < query.length ? parameters : cookiePairs(cookie ?? '');
  const presented = pairs.flatMap(({ name, value }) => (isField(name) ? [[name, value] as const] : []));
  const fields = new Map(presented);
  return {
    baseUrl: `http://${host}${path}${own.length === 0 ? '' : `?${own.join('&')}`}`,
    fields,
    isAmbiguous: fields.size < presented.length,
  };
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

function cookiePairs(header: string): readonly Pair[] {
  return header
    .split(';')
    .map((cookie) => pairOf(cookie.trim()))
    .flatMap(({ name, value }) =>
      name.startsWith('CloudFront-') ? [{ name: name.slice('CloudFront-'.length), value }] : [],
    );
}

function pairOf(text: string): Pair {
  const [name = '', ...value] = text.split('=');
  return { name, value: value.join('=') };
}

function isField(name: string): name is Field {
  return FIELDS.some((field) => field === name);
}
