import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Archive } from '../../build/archive.ts';
import { clientFor } from '../../environment/clients.ts';
import type { DeploymentEnvironment } from '../../environment/environment.ts';
import { readSamconfig } from '../../environment/samconfig.ts';
import { findSamBucket } from './stack.ts';

export interface UploadTarget {
  readonly root: string;
  readonly environment: DeploymentEnvironment;
  /** Nobody else's bucket may receive code, even if it has this name. */
  readonly account: string;
}

export interface Uploaded {
  readonly bucket: string;
  readonly key: string;
  readonly wasThere: boolean;
}

/** Stores the code of a function by its hash, unless it is there already. */
export async function upload(
  name: string,
  { bytes, codeSha256, hash }: Archive,
  { root, environment, account }: UploadTarget,
): Promise<Uploaded> {
  const { bucket, prefix } = await locate(root, environment);
  const key = `${prefix}/functions/${name}/${hash}.zip`;
  const client = clientFor(environment, S3Client);
  const target = { Bucket: bucket, Key: key, ExpectedBucketOwner: account };

  const wasThere = await client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' })).then(
    (head) => head.ChecksumSHA256 === codeSha256,
    (error: unknown) => {
      // Without the permission to list the bucket, S3 answers 403 for a missing key. Storing then shows what is wrong.
      if (['NotFound', 'Forbidden', '403'].includes(nameOf(error))) return false;
      throw error;
    },
  );
  if (!wasThere) {
    await client.send(
      new PutObjectCommand({ ...target, Body: bytes, ContentType: 'application/zip', ChecksumSHA256: codeSha256 }),
    );
  }
  return { bucket, key, wasThere };
}

/** Uses the bucket that `sam deploy` uses. */
async function locate(root: string, environment: DeploymentEnvironment) {
  const config = (await readSamconfig(root)).find(({ configEnv }) => configEnv === environment.configEnv);
  const text = (setting: string) => {
    const value = config?.deploy[setting];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    bucket: text('s3_bucket') ?? (await findSamBucket(environment)),
    prefix: text('s3_prefix') ?? environment.stackName,
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
