/** Tells whether a Content-Type, or the first entry of an Accept header, is a binary media type of the API. */
export function isBinary(header: string | undefined, binaryMediaTypes: readonly string[]): boolean {
  const [mediaType = ''] = (header ?? '').split(/[,;]/);
  return binaryMediaTypes.includes('*/*') || binaryMediaTypes.includes(mediaType.trim().toLowerCase());
}
