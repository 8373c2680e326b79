import type { Answer } from '../../../local/gateway/response/answer.ts';
import { currentMediaKey } from '../../../shared/media/media-signing-key.ts';
import { signedFileUrl, signedFolder } from '../../../shared/media/signature.ts';
import { differencesBetween } from '../../sam/differences/differences.ts';
import { useMediaKey } from '../../support/keys/media-keys.ts';

useMediaKey();

const SINCE = new Date('2026-11-02T12:00:00Z');
const ENDS = new Date('2026-11-02T12:15:00Z');
const A_SECOND_LATER = new Date('2026-11-02T12:15:01Z');
const BEFORE = new Date('2026-11-02T11:59:59Z');

const FILE = 'media/sound/2c26b46b68ffc68ff99b453c1d304134.mp3';
const FOLDER = 'media/sound/2c26b46b68ffc68ff99b453c1d304134/';

type Make = (text: string) => Answer;

const inBody: Make = (text) => ({ status: 200, headers: [], body: Buffer.from(JSON.stringify({ url: text })) });
const asLocation: Make = (text) => ({ status: 302, headers: [['Location', text]], body: Buffer.alloc(0) });
const between = (make: Make, ours: string, theirs: string) => differencesBetween(make(ours), make(theirs), SINCE);

const link = async (until: Date, file = FILE) => signedFileUrl(await currentMediaKey(), file, until);

async function query(until: Date, folder = FOLDER): Promise<string> {
  const policy = Object.entries(signedFolder(await currentMediaKey(), folder, until));
  return policy.map(([name, value]) => `${name}=${value}`).join('&');
}

async function cookies(until: Date, folder = FOLDER): Promise<Answer> {
  const policy = Object.entries(signedFolder(await currentMediaKey(), folder, until));
  const body = JSON.stringify({ cookies: policy.map(([name, value]) => ({ name: `CloudFront-${name}`, value })) });
  return { status: 200, headers: [], body: Buffer.from(body) };
}

describe.each<[string, Make]>([
  ['a body', inBody],
  ['a Location', asLocation],
])('a signed link in %s', (_, make) => {
  it('can expire a second later on one side, with another signature', async () => {
    expect(between(make, await link(ENDS), await link(A_SECOND_LATER))).toEqual([]);
  });

  it('must not have expired before the comparison', async () => {
    expect(between(make, await link(ENDS), await link(BEFORE))).toHaveLength(1);
  });

  it('must lead to the same file', async () => {
    expect(between(make, await link(ENDS), await link(ENDS, FILE.replace('2c', '2d')))).toHaveLength(1);
  });

  it('must name the same key pair', async () => {
    const ours = await link(ENDS);
    expect(between(make, ours, ours.replace(/(?<=Key-Pair-Id=)\w+/, 'K00000000000'))).toHaveLength(1);
  });

  it('must have a signature of the same length', async () => {
    const ours = await link(ENDS);
    expect(between(make, ours, ours.replace(/(?<=Signature=)[\w~-]{8}/, ''))).toHaveLength(1);
  });
});

describe('the query of a stream', () => {
  it('can expire a second later on one side', async () => {
    expect(between(inBody, await query(ENDS), await query(A_SECOND_LATER))).toEqual([]);
  });

  it('must open the same folder', async () => {
    const [found] = between(inBody, await query(ENDS), await query(ENDS, FOLDER.replace('2c', '2d')));
    expect(found?.gateway).toContain(`"Resource":"https://media.example.com/${FOLDER}*"`);
  });
});

describe('the cookies of a stream', () => {
  it('can expire a second later on one side', async () => {
    expect(differencesBetween(await cookies(ENDS), await cookies(A_SECOND_LATER), SINCE)).toEqual([]);
  });

  it('must open the same folder', async () => {
    const other = await cookies(ENDS, FOLDER.replace('2c', '2d'));
    expect(differencesBetween(await cookies(ENDS), other, SINCE)).toHaveLength(1);
  });
});

describe('the answers of a podcast feed', () => {
  const ours = 'q83vEjRWeJAKfHlzJm5wVQ0aRsdkXn2bTzL4hG1uYIo';
  const theirs = ours.replace('q8', 'r8');
  const feed = (token: string, title = 'Sound', etag = token): Answer => ({
    status: 200,
    headers: [['ETag', `"${etag}"`]],
    body: Buffer.from(
      `<title>${title}</title><link href="https://api.example.com/v1/feeds/${token}"/><enclosure url="https://api.example.com/v1/feeds/${token}/episodes/clap.mp3"/>`,
    ),
  });

  it('can have different tokens, and so different hashes', () => {
    expect(differencesBetween(feed(ours), feed(theirs), SINCE)).toEqual([]);
  });

  it('must be the same otherwise', () => {
    expect(differencesBetween(feed(ours), feed(theirs, 'Noise'), SINCE)).toHaveLength(1);
    expect(differencesBetween(feed(ours), feed(theirs.slice(1)), SINCE)).toHaveLength(2);
    expect(differencesBetween(feed(ours), feed(theirs, 'Sound', 'weak'), SINCE)).toHaveLength(1);
  });

  it('are not confused with keys of the same length', () => {
    const keys = (x: string): Answer => ({ status: 200, headers: [], body: Buffer.from(JSON.stringify({ x })) });
    expect(differencesBetween(keys(ours), keys(theirs), SINCE)).toHaveLength(1);
  });
});
