/** What a viewer asks for, and how it proves that it may have it. */
export interface ViewerRequest {
  /** As the client sees it: with the port, where it has one to say. */
  readonly host: string;
  /** Path and query string, as they were sent. */
  readonly target: string;
  readonly cookie: string | undefined;
  /** As the socket tells it. */
  readonly sourceAddress: string;
}

const FIELDS = ['Policy', 'Expires', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'] as const;

type Field = (typeof FIELDS)[number];

/** What a request has of a signed URL, or of signed cookies, still to be checked. */
export interface PresentedGrant {
  /** The URL without what signing added to it. */
  readonly baseUrl: string;
  readonly fields: ReadonlyMap<Field, string>;
  /** Whether a field is there twice, and so means nothing. */
  readonly isAmbiguous: boolean;
}

/**
 * Reads the grant of a request. A URL with any of the parameters is taken for a signed one, and cookies are not looked at
 * then ("Decide to use signed URLs or signed cookies"). Names are case-sensitive, and nothing is decoded: neither names nor
 * values have a character that needs it.
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
