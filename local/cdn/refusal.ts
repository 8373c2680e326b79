import type { OutgoingHttpHeaders } from 'node:http';
import type { SignatureError } from './signature/signature-check.ts';

/**
 * Codes and messages as CloudFront sends them. Only the first two are documented (re:Post, "How do I troubleshoot
 * issues related to a signed URL or signed cookies in CloudFront?"). The others come from public reports, such as
 * aws/aws-sdk-js#2236 and aws-solutions-library-samples/video-on-demand-on-aws#100.
 */
const MESSAGES: Readonly<Record<SignatureError, string>> = {
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

/** The answer to a request whose signature is missing or invalid. */
export function signatureRefusal(code: SignatureError): Refusal {
  return refusal(403, 'CloudFront', 'text/xml', `<Code>${code}</Code><Message>${MESSAGES[code]}</Message>`);
}

/** S3's answer to a missing key. CloudFront may read the bucket but not list it, so a missing key is forbidden. */
export function noSuchFile(): Refusal {
  return refusal(403, 'AmazonS3', 'application/xml', '<Code>AccessDenied</Code><Message>Access Denied</Message>');
}

/** S3's answer to a range beyond the end of the file. */
export function rangeNotSatisfiable(size: number): Refusal {
  const { status, headers, body } = refusal(
    416,
    'AmazonS3',
    'application/xml',
    `<Code>InvalidRange</Code><Message>The requested range is not satisfiable</Message><ActualObjectSize>${size}</ActualObjectSize>`,
  );
  return { status, headers: { ...headers, 'Accept-Ranges': 'bytes', 'Content-Range': `bytes */${size}` }, body };
}

/** The answer to a method that the behaviour does not allow. */
export function methodNotAllowed(): Refusal {
  return page(
    403,
    'This distribution is not configured to allow the HTTP request method that was used for this request.',
  );
}

/** The answer to a request that is too long for CloudFront. */
export function tooLong(): Refusal {
  return page(413, 'Request Entity Too Large.');
}

/** A page for people, as CloudFront sends for errors that are not about signatures. */
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
