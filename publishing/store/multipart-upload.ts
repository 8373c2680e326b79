import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type Part as ListedPart,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  type ListPartsCommandOutput,
  type MultipartUpload,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mapConcurrent } from '../files/map-concurrent.ts';
import { fileChanged, type StoreFile } from './media-store.ts';
import type { Part, PartDigests } from './parts.ts';

/** Keeps a slow connection busy, with 32 MiB of memory. */
const PARTS_AT_ONCE = 4;

interface Target {
  readonly client: S3Client;
  readonly bucket: string;
  readonly file: StoreFile;
}

/** An upload in progress, and the parts that S3 has of it. */
export interface OpenUpload {
  readonly uploadId: string;
  readonly listed: ReadonlyMap<number, ListedPart>;
}

/** Returns the interrupted upload of this file, or starts one. */
export async function openUpload(target: Target & { readonly cacheControl: string }): Promise<OpenUpload> {
  const interrupted = await findUpload(target);
  if (interrupted !== undefined) return { uploadId: interrupted, listed: await listParts(target, interrupted) };

  const { client, bucket, file, cacheControl } = target;
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...{ Bucket: bucket, Key: file.key, ContentType: file.contentType, CacheControl: cacheControl },
      ...{ ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' },
    }),
  );
  return { uploadId: UploadId ?? '', listed: new Map() };
}

/** Sends the missing parts and completes the upload. */
export async function completeUpload({
  parts,
  digests,
  stored,
  ...upload
}: Target &
  OpenUpload & {
    readonly parts: readonly Part[];
    readonly digests: PartDigests;
    readonly stored: (number: number, bytes: number) => void;
  }): Promise<void> {
  const { client, bucket, file, uploadId } = upload;
  const handle = await open(file.path);
  try {
    const completed = await mapConcurrent(PARTS_AT_ONCE, parts, async (part) => {
      const sha256 = digests.ofParts[part.number - 1] ?? '';
      const sent = await ensurePart({ ...upload, handle, part, sha256 });
      stored(part.number, part.sizeBytes);
      return sent;
    });
    await client.send(
      new CompleteMultipartUploadCommand({
        ...{ Bucket: bucket, Key: file.key, UploadId: uploadId, MultipartUpload: { Parts: completed } },
        MpuObjectSize: file.sizeBytes,
      }),
    );
  } finally {
    await handle.close();
  }
}

interface PartToSend extends Target, OpenUpload {
  readonly handle: FileHandle;
  readonly part: Part;
  /** In base64. */
  readonly sha256: string;
}

async function ensurePart({ listed, ...toSend }: PartToSend): Promise<CompletedPart> {
  const { client, bucket, file, uploadId, handle, part, sha256 } = toSend;
  const there = listed.get(part.number);
  if (there !== undefined && there.Size === part.sizeBytes && there.ChecksumSHA256 === sha256) {
    return completedPart(part, there.ETag, sha256);
  }
  const Body = Buffer.alloc(part.sizeBytes);
  const { bytesRead } = await handle.read(Body, 0, part.sizeBytes, part.start);
  if (bytesRead < part.sizeBytes || digest('sha256', Body, 'base64') !== sha256) throw fileChanged(file);

  // S3-compatible services may not list checksums. Without KMS encryption, an ETag is the MD5 of a part.
  if (
    there?.Size === part.sizeBytes &&
    there.ChecksumSHA256 === undefined &&
    there.ETag === `"${digest('md5', Body, 'hex')}"`
  ) {
    return completedPart(part, there.ETag, sha256);
  }
  const { ETag } = await client.send(
    new UploadPartCommand({
      ...{ Bucket: bucket, Key: file.key, UploadId: uploadId, PartNumber: part.number, Body },
      ...{ ChecksumAlgorithm: 'SHA256', ChecksumSHA256: sha256 },
    }),
  );
  return completedPart(part, ETag, sha256);
}

function completedPart({ number }: Part, ETag: string | undefined, ChecksumSHA256: string): CompletedPart {
  return { PartNumber: number, ETag, ChecksumSHA256 };
}

function digest(algorithm: 'sha256' | 'md5', bytes: Buffer, encoding: 'base64' | 'hex'): string {
  return createHash(algorithm).update(bytes).digest(encoding);
}

/** Finds the latest unfinished upload of this file whose parts have our checksums. */
async function findUpload({ client, bucket, file }: Target): Promise<string | undefined> {
  let latest: MultipartUpload | undefined;
  let page: ListMultipartUploadsCommandOutput | undefined;
  do {
    page = await client.send(
      new ListMultipartUploadsCommand({
        ...{ Bucket: bucket, Prefix: file.key },
        ...{ KeyMarker: page?.NextKeyMarker, UploadIdMarker: page?.NextUploadIdMarker },
      }),
    );
    for (const upload of page.Uploads ?? []) {
      if (upload.Key !== file.key || (upload.ChecksumAlgorithm ?? 'SHA256') !== 'SHA256') continue;
      if (upload.UploadId !== undefined && (latest?.Initiated ?? 0) <= (upload.Initiated ?? 0)) latest = upload;
    }
  } while (page.IsTruncated);
  return latest?.UploadId;
}

/** Lists all parts that S3 has of an upload. The SDK's own paginator never ends if the last page has a marker. */
async function listParts({ client, bucket, file }: Target, uploadId: string): Promise<ReadonlyMap<number, ListedPart>> {
  const listed = new Map<number, ListedPart>();
  let page: ListPartsCommandOutput | undefined;
  do {
    page = await client.send(
      new ListPartsCommand({
        ...{ Bucket: bucket, Key: file.key, UploadId: uploadId },
        PartNumberMarker: page?.NextPartNumberMarker,
      }),
    );
    for (const part of page.Parts ?? []) listed.set(part.PartNumber ?? 0, part);
  } while (page.IsTruncated);
  return listed;
}
