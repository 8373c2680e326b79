import type { OutgoingHttpHeaders } from 'node:http';

/** Why CloudFront lets a request without a good signature not pass. */
export type SignatureRefusal = 'MissingKey' | 'InvalidKey' | 'MalformedPolicy' | 'AccessDenied';

/**
 * Codes and messages as CloudFront sends them. Only the first two are documented (re:Post, "How do I troubleshoot issues
 * related to a signed URL or signed cookies in CloudFront?"); the others are seen in public reports, such as
 * aws/aws-sdk-js#2236 and aws-solutions-library-samples/video-on-demand-on-aws#100.
 */
const MESSAGES: Readonly<Record<SignatureRefusal, string>> = {
  MissingKey: 'Missing Key-Pair-Id query parameter or cookie value',
  InvalidKey: 'Unknown Key',
  MalformedPolicy: 'Malformed Policy',
  AccessDenied: 'Access denied',
};

/** An answer without the file. */
export interface Refusal {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** What a request gets whose signature does not let it pass. */
export function signatureRefusal(code: SignatureRefusal): Refusal {
  return refusal(403, 'CloudFront', 'text/xml', `<Code>${code}</Code><Message>${MESSAGES[code]}</Message>`);
}

/** What S3 answers where nothing has that key: CloudFront may read the bucket but not list it, so absent is forbidden. */
export function noSuchFile(): Refusal {
  return refusal(403, 'AmazonS3', 'application/xml', '<Code>AccessDenied</Code><Message>Access Denied</Message>');
}

/** What S3 answers where a file has none of the bytes asked for. */
export function rangeNotSatisfiable(size: number): Refusal {
  const { status, headers, body } = refusal(
    416,
    'AmazonS3',
    'application/xml',
    `<Code>InvalidRange</Code><Message>The requested range is not satisfiable</Message><ActualObjectSize>${size}</ActualObjectSize>`,
  );
  return { status, headers: { ...headers, 'Accept-Ranges': 'bytes', 'Content-Range': `bytes */${size}` }, body };
}

/** What a behaviour answers to methods it does not allow. */
export function methodNotAllowed(): Refusal {
  return page(
    403,
    'This distribution is not configured to allow the HTTP request method that was used for this request.',
  );
}

/** What a request gets that is longer than CloudFront takes. */
export function tooLong(): Refusal {
  return page(413, 'Request Entity Too Large.');
}

/** A page for people, which is what CloudFront says that is not about signatures. */
function page(status: number, sentence: string): Refusal {
  const heading = `${status} ERROR: The request could not be satisfied`;
  return {
    status,
    headers: headersOf('CloudFront', 'text/html'),
    body: `<!doctype html><title>${heading}</title><h1>${heading}</h1><p>${sentence}</p>\n`,
  };
}

function refusal(status: number, server: string, contentType: string, error: string): Refusal {
  return {
    status,
    headers: headersOf(server, contentType),
    body: `<?xml version="1.0" encoding="UTF-8"?><Error>${error}</Error>`,
  };
}

function headersOf(server: string, contentType: string): OutgoingHttpHeaders {
  return { Server: server, 'X-Cache': 'Error from cloudfront', 'Content-Type': contentType };
}
