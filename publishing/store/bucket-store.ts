import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HeadObjectCommand, NotFound, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { bucketFault, isAnswerOfS3, isOutOfDate } from './bucket-fault.ts';
import { changedSince, type MediaStore, StoreFault, type StoreFile } from './media-store.ts';
import { completeUpload, openUpload } from './multipart-upload.ts';
import { digestParts } from './part-digests.ts';
import { MULTIPART_FROM_BYTES, partsOf } from './parts.ts';

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
      const isFile = head.ContentLength === file.sizeBytes && (known === checksum || known === '');
      const isServedSo = head.ContentType === file.contentType && head.CacheControl === CACHE_CONTROL;
      // An object without a checksum was stored by something else.
      return { isFile, isAsPut: isFile && known === checksum && isServedSo };
    } catch (error) {
      if (error instanceof NotFound) return { isFile: false, isAsPut: false };
      throw error;
    }
  }

  /** Only if the bucket answers: otherwise the original error matters. */
  async function isThere(file: StoreFile, checksum: string, error: unknown): Promise<boolean> {
    return isAnswerOfS3(error) && (await find(file, checksum)).isAsPut;
  }

  async function verify(file: StoreFile, checksum: string): Promise<void> {
    if ((await find(file, checksum)).isFile) return;
    throw new StoreFault(`The bucket "${bucket}" does not have ${file.key} as it was sent: import again.`);
  }

  async function putWhole(file: StoreFile): Promise<void> {
    const checksum = Buffer.from(file.sha256, 'hex').toString('base64');
    if ((await find(file, checksum)).isAsPut) return;
    const Body = await readFile(file.path);
    if (createHash('sha256').update(Body).digest('hex') !== file.sha256) throw changedSince(file);
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
    const there = new Set<number>();
    const stored = (number: number, bytes: number) => {
      if (!there.has(number)) advance(bytes);
      there.add(number);
    };

    for (let upload = 1; !(await find(file, digests.composite)).isAsPut; upload++) {
      try {
        const { uploadId, listed } = await openUpload({ client, bucket, file, cacheControl: CACHE_CONTROL });
        await completeUpload({ client, bucket, file, uploadId, listed, parts, digests, stored });
        await verify(file, digests.composite);
        break;
      } catch (error) {
        // Another import of the same file may have completed the upload. Then the file is stored.
        if (upload === UPLOADS || !(isOutOfDate(error) || (await isThere(file, digests.composite, error)))) throw error;
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
        throw bucketFault(error, bucket, file);
      }
    },
  };
}
