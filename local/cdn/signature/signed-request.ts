/** A viewer's request. */
export interface ViewerRequest {
  /** As the client sees it, with the port if there is one. */
  readonly host: string;
  /** Path and query string as sent. */
  readonly target: string;
  readonly cookie: string | undefined;
  /** From the socket. */
  readonly sourceAddress: string;
}

const PARAMETERS = ['Policy', 'Expires', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'] as const;

type Parameter = (typeof PARAMETERS)[number];

/** The signed URL or signed cookies of a request, unverified. */
export interface SignedRequest {
  /** The URL without its signing parameters. */
  readonly baseUrl: string;
  readonly parameters: ReadonlyMap<Parameter, string>;
  /** Whether a parameter is repeated, which makes the request invalid. */
  readonly isAmbiguous: boolean;
}

/**
 * Reads the signing parameters of a request. A URL with any of them counts as signed, and then cookies are ignored
 * ("Decide to use signed URLs or signed cookies"). Names are case-sensitive. Neither names nor values need decoding.
 */
export function readSignedRequest({ host, target, cookie }: ViewerRequest): SignedRequest {
  const [path = '', ...rest] = target.split('?');
  const query = rest.length === 0 ? [] : rest.join('?').split('&');
  const queryPairs = query.map(pairOf);
  const unsigned = query.filter((_, index) => !isParameter(queryPairs[index]?.name ?? ''));
  const pairs = unsigned.length < query.length ? queryPairs : cookiePairs(cookie ?? '');
  const presented = pairs.flatMap(({ name, value }) => (isParameter(name) ? [[name, value] as const] : []));
  const parameters = new Map(presented);
  return {
    baseUrl: `http://${host}${path}${unsigned.length === 0 ? '' : `?${unsigned.join('&')}`}`,
    parameters,
    isAmbiguous: parameters.size < presented.length,
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

function isParameter(name: string): name is Parameter {
  return PARAMETERS.some((parameter) => parameter === name);
}
