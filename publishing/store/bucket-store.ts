import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HeadObjectCommand, NotFound, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { isOutOfDate, isS3Response, toStoreError } from './bucket-error.ts';
import { fileChanged, type MediaStore, StoreError, type StoreFile } from './media-store.ts';
import { completeUpload, openUpload } from './multipart-upload.ts';
import { digestParts, MULTIPART_FROM_BYTES, partsOf } from './parts.ts';

/** Names come from the content, so a cached file is always current. */
const CACHE_CONTROL = 'public, max-age=31536000, immutable';

/** A short loss of the connection must not end an upload of hours. */
const ATTEMPTS = 5;

/** For a connection, and for a transfer without progress. */
const TIMEOUTS = { connectionTimeout: 10_000, socketTimeout: 60_000 };

/** How often to start again after another import has ended the upload. */
const UPLOADS = 3;

/** A media store in S3, or in an S3-compatible service at AWS_ENDPOINT_URL_S3. */
export function bucketStore({
  bucket,
  region,
}: {
  readonly bucket: string;
  readonly region: string | undefined;
}): MediaStore {
  const client = new S3Client({
    ...(region !== undefined && { region }),
    maxAttempts: ATTEMPTS,
    requestHandler: TIMEOUTS,
    // AWS uses bucket names as host names. Elsewhere such names seldom resolve.
    forcePathStyle: Boolean(process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']),
  });

  /** @param checksum SHA-256 of the whole, or of the digests of the parts, in base64 */
  async function find({ key, ...file }: StoreFile, checksum: string) {
    try {
      const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }));
      const [known] = (head.ChecksumSHA256 ?? '').split('-');
      const hasContent = head.ContentLength === file.sizeBytes && (known === checksum || known === '');
      const hasHeaders = head.ContentType === file.contentType && head.CacheControl === CACHE_CONTROL;
      // An object without a checksum was stored by something else.
      return { hasContent, isStored: hasContent && known === checksum && hasHeaders };
    } catch (error) {
      if (error instanceof NotFound) return { hasContent: false, isStored: false };
      throw error;
    }
  }

  /** Only if the bucket answers: otherwise the original error matters. */
  async function isStoredDespite(file: StoreFile, checksum: string, error: unknown): Promise<boolean> {
    return isS3Response(error) && (await find(file, checksum)).isStored;
  }

  async function verify(file: StoreFile, checksum: string): Promise<void> {
    if ((await find(file, checksum)).hasContent) return;
    throw new StoreError(
      `The upload of ${file.key} to the bucket "${bucket}" was incomplete or damaged: import again.`,
    );
  }

  async function putWhole(file: StoreFile): Promise<void> {
    const checksum = Buffer.from(file.sha256, 'hex').toString('base64');
    if ((await find(file, checksum)).isStored) return;
    const Body = await readFile(file.path);
    if (createHash('sha256').update(Body).digest('hex') !== file.sha256) throw fileChanged(file);
    await client.send(
      new PutObjectCommand({
        ...{ Bucket: bucket, Key: file.key, Body, ContentType: file.contentType, CacheControl: CACHE_CONTROL },
        ...{ ChecksumAlgorithm: 'SHA256', ChecksumSHA256: checksum },
      }),
    );
    await verify(file, checksum);
  }

  async function putInParts(file: StoreFile, advance: (bytes: number) => void): Promise<void> {
    const parts = partsOf(file.sizeBytes);
    const digests = await digestParts(file, parts);
    const counted = new Set<number>();
    const stored = (number: number, bytes: number) => {
      if (!counted.has(number)) advance(bytes);
      counted.add(number);
    };

    for (let upload = 1; !(await find(file, digests.composite)).isStored; upload++) {
      try {
        const { uploadId, listed } = await openUpload({ client, bucket, file, cacheControl: CACHE_CONTROL });
        await completeUpload({ client, bucket, file, uploadId, listed, parts, digests, stored });
        await verify(file, digests.composite);
        break;
      } catch (error) {
        // Another import of the same file may have completed the upload. Then the file is stored.
        if (upload === UPLOADS || !(isOutOfDate(error) || (await isStoredDespite(file, digests.composite, error))))
          throw error;
      }
    }
    for (const { number, sizeBytes } of parts) stored(number, sizeBytes);
  }

  return {
    async put(file, advance) {
      try {
        if (file.sizeBytes >= MULTIPART_FROM_BYTES) await putInParts(file, advance);
        else {
          await putWhole(file);
          advance(file.sizeBytes);
        }
      } catch (error) {
        throw toStoreError(error, bucket, file);
      }
    },
  };
}
