import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { bucketStore } from '../../publishing/store/bucket-store.ts';
import type { MediaStore, StoreFile } from '../../publishing/store/media-store.ts';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { type S3StandIn, startS3 } from '../support/aws/s3.ts';
import { articleFile, audioFile, BYTES, courseYaml, PLAYLIST, writeCourse } from '../support/builders/course-folder.ts';
import { useDatabase } from '../support/database/database.ts';
import { describeWith } from '../support/jest/programs.ts';
import { runScript, type ScriptProcess, startScript } from '../support/system/script.ts';

// Processes are started, which takes long on a busy machine.
jest.setTimeout(120_000);

const MEBIBYTE = 1024 ** 2;
const { db, uri } = useDatabase();

describeWith(['python'], 'importing into a bucket', () => {
  let s3: S3StandIn;
  let client: S3Client;
  let bucket: string;
  let temporary: string;
  const inherited = { ...process.env };
  let killed: ScriptProcess | undefined;
  const written: string[] = [];

  beforeAll(async () => {
    s3 = await startS3();
    temporary = await mkdtemp(join(tmpdir(), 'lectern-s3-'));
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'import',
      AWS_SECRET_ACCESS_KEY: 'import',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      // The developer may have AWS settings of their own.
      HOME: temporary,
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    // moto gives the checksum of the parts' checksums as that of the whole.
    client = new S3Client({ forcePathStyle: true, responseChecksumValidation: 'WHEN_REQUIRED' });
    await migrate(db());
  });
  beforeEach(async () => {
    bucket = `media-${randomUUID()}`;
    s3.rule(() => 'pass');
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    s3.forget();
  });
  afterEach(async () => {
    await Promise.all(Object.values(COLLECTIONS).map(({ name }) => db().collection(name).deleteMany({})));
  });
  afterAll(async () => {
    killed?.kill('SIGKILL');
    client?.destroy();
    await s3?.stop();
    await Promise.all([temporary, ...written].map((folder) => rm(folder, { recursive: true })));
    process.env = inherited;
  });

  const folderWith = async (files: Parameters<typeof writeCourse>[0]) => {
    const folder = await writeCourse(files);
    written.push(folder);
    return folder;
  };

  const run = (args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}) =>
    runScript('scripts/import-course.ts', args, { MONGODB_URI: uri(), ...env });

  const sent = () => s3.answered.filter(({ operation }) => !/^(?:Head|List|Get)/.test(operation));
  const partsSent = () => {
    const numbers = sent().flatMap(({ partNumber }) => partNumber ?? []);
    expect(numbers).toHaveLength(new Set(numbers).size);
    return new Set(numbers);
  };
  const keys = async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    return Contents.map(({ Key }) => Key ?? '');
  };
  const objectAt = async (key: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  const headOf = (key: string) =>
    client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }));
  const recordingOf = async () => (await collection(db(), COLLECTIONS.lessons).findOne({}))?.recording;

  /** A video of the length of a short one, and of the size of a long one. */
  function videoOf(mebibytes: number): Buffer {
    const padding = randomBytes(mebibytes * MEBIBYTE - BYTES.mp4.length);
    padding.writeUInt32BE(padding.length);
    padding.write('free', 4);
    return Buffer.concat([BYTES.mp4, padding]);
  }
  const videoFile = (media = 'media/long.mp4') => audioFile('', media).replace('kind: audio', 'kind: video');

  async function fileOf(bytes: Buffer, claimed = bytes): Promise<StoreFile> {
    const path = join(temporary, randomUUID());
    await writeFile(path, bytes);
    const sha256 = createHash('sha256').update(claimed).digest('hex');
    const key = `media/sound/${sha256.slice(0, 32)}.mp4`;
    return { path, key, contentType: 'video/mp4', sizeBytes: bytes.length, sha256 };
  }
  const store = (): MediaStore => bucketStore({ bucket, region: undefined });

  describe('a course', () => {
    const head =
      'transcript: media/sound.txt\nchapters: media/sound.json\ncaptions:\n  - {language: de, label: Deutsch, file: media/Gespräch 1.vtt}\n';
    const COURSE = {
      'course.yaml': courseYaml({ lessons: '[what-is-sound, the-ear, seeing]' }),
      'lessons/what-is-sound.md': audioFile(head),
      'lessons/the-ear.md': articleFile('![the ear](<media/das Öhr.png>)'),
      'lessons/seeing.md': videoFile('media/hls/master.m3u8'),
      'media/das Öhr.png': BYTES.png,
      'media/sound.mp3': BYTES.mp3,
      'media/sound.txt': '',
      'media/sound.json': '{"version":"1.2.0","chapters":[{"startTime":0,"title":"Clap"}]}',
      'media/Gespräch 1.vtt': BYTES.vtt,
      'media/hls/master.m3u8': '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhöhe 90/index.m3u8\n',
      'media/hls/höhe 90/index.m3u8': PLAYLIST,
      'media/hls/höhe 90/init.mp4': BYTES.init,
      'media/hls/höhe 90/0.m4s': BYTES.m4s,
    };

    it('is stored with its content, media types, checksums and cache headers', async () => {
      expect(await run([await folderWith(COURSE), '--bucket', bucket])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(
          /^Published to .*, files in s3:\/\/.*\nsound-and-listening: revision 1 published \(3 lessons\)\n$/,
        ),
        stderr: '',
      });
      const types = {
        'image/png': BYTES.png,
        'audio/mpeg': BYTES.mp3,
        'text/plain; charset=utf-8': Buffer.alloc(0),
        'application/json+chapters': Buffer.from(COURSE['media/sound.json']),
        'text/vtt': BYTES.vtt,
        'video/mp4': BYTES.init,
        'video/iso.segment': BYTES.m4s,
      };
      const found = new Map<string, string>();
      for (const key of await keys()) {
        const { ContentType = '', ...object } = await headOf(key);
        const bytes = await objectAt(key);
        expect(object).toMatchObject({
          ContentLength: bytes.length,
          ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
          CacheControl: 'public, max-age=31536000, immutable',
        });
        found.set(ContentType, key);
        const expected = types[ContentType as keyof typeof types];
        if (expected !== undefined) expect(bytes).toEqual(expected);
      }
      expect([...found.keys()].sort()).toEqual([...Object.keys(types), 'application/vnd.apple.mpegurl'].sort());
      expect(found.get('video/iso.segment')).toMatch(/^media\/sound-and-listening\/[0-9a-f]{32}\/höhe 90\/0\.m4s$/);
    });

    it('is not uploaded again', async () => {
      const args = [await folderWith(COURSE), '--region', 'us-east-1'];
      await run(args, { MEDIA_BUCKET: bucket });
      s3.forget();
      expect(await run(args, { MEDIA_BUCKET: bucket })).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('\nsound-and-listening: unchanged (revision 1)\n'),
      });
      expect(s3.answered.map(({ operation }) => operation)).toEqual(Array(9).fill('HeadObject'));
    });

    it('uploads only the changed file', async () => {
      await run([await folderWith(COURSE), '--bucket', bucket]);
      s3.forget();
      const changed = { ...COURSE, 'media/das Öhr.png': Buffer.concat([BYTES.png, Buffer.from('more')]) };
      const { code } = await run([await folderWith(changed), '--bucket', bucket]);
      expect(code).toBe(0);
      expect(sent()).toEqual([
        { operation: 'PutObject', key: expect.stringMatching(/^courses\/.*\.png$/), partNumber: undefined },
      ]);
    });
  });

  describe('a long video', () => {
    it('resumes a killed upload, and sends only the missing parts', async () => {
      const video = videoOf(44);
      const folder = await folderWith({ 'lessons/what-is-sound.md': videoFile(), 'media/long.mp4': video });
      s3.rule(({ operation, partNumber }) =>
        operation === 'UploadPart' && partNumber !== 1 && partNumber !== 3 ? 'keep' : 'pass',
      );
      killed = startScript('scripts/import-course.ts', [folder, '--bucket', bucket], { MONGODB_URI: uri() });
      await s3.answeredTimes('UploadPart', 2);
      killed.kill('SIGKILL');
      await once(killed, 'exit');
      expect(await keys()).toEqual([]);
      expect(await collection(db(), COLLECTIONS.courses).countDocuments()).toBe(0);

      s3.rule(() => 'pass');
      s3.forget();
      expect(await run([folder, '--bucket', bucket])).toMatchObject({ code: 0, stderr: '' });
      const { key = '', sha256, sizeBytes } = (await recordingOf())?.file ?? {};
      expect(partsSent()).toEqual(new Set([2, 4, 5, 6]));
      expect(sent().map(({ operation }) => operation)).not.toContain('CreateMultipartUpload');
      expect({ sha256, sizeBytes }).toEqual({
        sha256: createHash('sha256').update(video).digest('hex'),
        sizeBytes: video.length,
      });
      expect((await objectAt(key)).equals(video)).toBe(true);
      expect(await headOf(key)).toMatchObject({
        ContentType: 'video/mp4',
        CacheControl: 'public, max-age=31536000, immutable',
      });

      s3.forget();
      expect(await run([folder, '--bucket', bucket])).toMatchObject({ code: 0 });
      expect(s3.answered.map(({ operation }) => operation)).toEqual(['HeadObject']);
    });

    it('sends parts again that differ from the file', async () => {
      const video = videoOf(20);
      const file = await fileOf(video);
      const target = { Bucket: bucket, Key: file.key };
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({
          ...{ ...target, ChecksumAlgorithm: 'SHA256', ContentType: 'video/mp4' },
          CacheControl: 'public, max-age=31536000, immutable',
        }),
      );
      const parts = [
        randomBytes(8 * MEBIBYTE),
        video.subarray(8 * MEBIBYTE, 16 * MEBIBYTE),
        video.subarray(16 * MEBIBYTE, 17 * MEBIBYTE),
      ];
      for (const [index, Body] of parts.entries()) {
        await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber: index + 1, Body }));
      }
      s3.forget();
      await store().put(file, () => undefined);
      expect(partsSent()).toEqual(new Set([1, 3]));
      expect((await objectAt(file.key)).equals(video)).toBe(true);
    });

    it('may be uploaded twice at the same time', async () => {
      const video = videoOf(20);
      const file = await fileOf(video);
      await Promise.all([store(), store()].map((one) => one.put(file, () => undefined)));
      expect((await objectAt(file.key)).equals(video)).toBe(true);
      // A leftover upload of the one that came second would be paid for until somebody ends it.
      await store().put(file, () => undefined);
      expect((await objectAt(file.key)).equals(video)).toBe(true);
    });

    it('starts again if another import ended the upload', async () => {
      const file = await fileOf(videoOf(20));
      let ended = 0;
      s3.rule(({ operation }) =>
        operation === 'UploadPart' && ended++ === 0 ? { status: 404, code: 'NoSuchUpload' } : 'pass',
      );
      await store().put(file, () => undefined);
      expect((await headOf(file.key)).ContentLength).toBe(file.sizeBytes);
    });

    it('reports each byte once', async () => {
      const file = await fileOf(videoOf(20));
      const told: number[] = [];
      await store().put(file, (bytes) => told.push(bytes));
      expect(told.reduce((sum, bytes) => sum + bytes)).toBe(file.sizeBytes);
      expect(told).toHaveLength(3);
    });
  });

  describe('a file', () => {
    it.each([1000, 20 * MEBIBYTE])('of %d bytes is not stored if it changes meanwhile', async (size) => {
      const file = await fileOf(randomBytes(size), randomBytes(size));
      await expect(store().put(file, () => undefined)).rejects.toThrow(/changed during the import/);
      expect(await keys()).toEqual([]);
      const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      expect(Uploads).toBeUndefined();
    });

    it('is not stored if it no longer exists', async () => {
      const file = await fileOf(randomBytes(10));
      await rm(file.path);
      await expect(store().put(file, () => undefined)).rejects.toThrow(/changed during the import/);
    });

    it('is stored again if the bucket has other content', async () => {
      const file = await fileOf(randomBytes(1000));
      await store().put({ ...file, contentType: 'text/plain' }, () => undefined);
      await store().put(file, () => undefined);
      expect((await headOf(file.key)).ContentType).toBe('video/mp4');
    });

    it('is stored even if one request fails', async () => {
      const file = await fileOf(randomBytes(1000));
      let failed = 0;
      s3.rule(({ operation }) =>
        operation === 'PutObject' && failed++ === 0 ? { status: 503, code: 'SlowDown' } : 'pass',
      );
      await store().put(file, () => undefined);
      expect(await keys()).toEqual([file.key]);
    });
  });

  describe('an import', () => {
    const course = { 'lessons/what-is-sound.md': audioFile(), 'media/sound.mp3': BYTES.mp3 };

    async function refused(
      args: readonly string[],
      env: Readonly<Record<string, string | undefined>> = {},
    ): Promise<string> {
      const { code, stdout, stderr } = await run([await folderWith(course), ...args], env);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(await collection(db(), COLLECTIONS.courses).countDocuments()).toBe(0);
      return stderr;
    }

    it.each([
      ['denies access', { status: 403, code: 'AccessDenied' }, 'access is denied'],
      ['is in another region', { status: 301, code: 'PermanentRedirect' }, 'it is in another region: set --region'],
      [
        'rejects the credentials',
        { status: 403, code: 'InvalidAccessKeyId' },
        'the AWS credentials are invalid or have expired',
      ],
      ['fails for another reason', { status: 418, code: 'Teapot' }, 'S3 rejects the request (Teapot: Not today)'],
    ])('fails with one line, and publishes nothing, if the bucket %s', async (_, answer, expected) => {
      s3.rule(({ operation }) => (operation === 'PutObject' ? answer : 'pass'));
      const line = await refused(['--bucket', bucket]);
      expect(line).toContain(`Cannot store files in the bucket "${bucket}": ${expected}`);
      expect(line.trimEnd().split('\n')).toHaveLength(1);
    });

    it.each([
      ['does not exist', 'nowhere', {}, 'it does not exist'],
      ['cannot be reached', 'media', { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' }, 'S3 cannot be reached'],
      ['has no region', 'media', { AWS_REGION: undefined }, 'set its region with --region or AWS_REGION'],
      ['has no credentials', 'media', { AWS_ACCESS_KEY_ID: undefined }, 'there are no AWS credentials'],
    ])('fails with one line if the bucket %s', async (_, name, env, expected) => {
      const line = await refused(['--bucket', name], env);
      expect(line).toContain(`Cannot store files in the bucket "${name}": ${expected}`);
      expect(line.trimEnd().split('\n')).toHaveLength(1);
    });
  });
});
