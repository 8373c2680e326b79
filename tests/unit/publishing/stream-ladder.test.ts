import fc from 'fast-check';
import { ladderFor } from '../../../publishing/stream/ladder.ts';

const STEREO = { channels: 2, samplesPerSecond: 48_000, bitsPerSecond: 192_000 };

const sizesOf = (width: number, height: number) =>
  ladderFor({ picture: { width, height }, sound: null }).map(({ name, picture }) => [
    name,
    `${picture?.width}x${picture?.height}`,
  ]);

describe('the renditions of a video', () => {
  it('go down from Full HD in steps', () => {
    expect(sizesOf(1920, 1080)).toEqual([
      ['1080p', '1920x1080'],
      ['720p', '1280x720'],
      ['480p', '854x480'],
      ['360p', '640x360'],
      ['240p', '426x240'],
    ]);
  });

  it('do not exceed Full HD', () => {
    expect(sizesOf(3840, 2160)).toEqual(sizesOf(1920, 1080));
  });

  it('start at the size of the recording, and skip a step that is close to it', () => {
    expect(sizesOf(700, 400)).toEqual([
      ['400p', '700x400'],
      ['240p', '420x240'],
    ]);
  });

  it('are a single one for a small recording, with an even width and height', () => {
    expect(sizesOf(321, 181)).toEqual([['180p', '320x180']]);
  });

  it('go by the shorter side of an upright video', () => {
    expect(sizesOf(720, 1280)).toEqual([
      ['720p', '720x1280'],
      ['480p', '480x854'],
      ['360p', '360x640'],
      ['240p', '240x426'],
    ]);
  });

  it('never exceed the recording, and each is smaller than the previous one', () => {
    const length = fc.integer({ min: 2, max: 8000 });
    fc.assert(
      fc.property(length, length, (width, height) => {
        const pictures = ladderFor({ picture: { width, height }, sound: null }).flatMap(({ picture }) => picture ?? []);
        expect(pictures.length).toBeGreaterThan(0);
        for (const [index, picture] of pictures.entries()) {
          expect(picture.width).toBeLessThanOrEqual(width);
          expect(picture.height).toBeLessThanOrEqual(height);
          expect([picture.width % 2, picture.height % 2]).toEqual([0, 0]);
          expect(Math.min(picture.width, picture.height)).toBeLessThan(
            Math.min(...pictures.slice(0, index).flatMap((larger) => [larger.width, larger.height]), Infinity),
          );
        }
      }),
    );
  });

  it('share the same audio, so that a change of rendition is not audible', () => {
    const sounds = ladderFor({ picture: { width: 640, height: 360 }, sound: STEREO }).map(({ sound }) => sound);
    expect(sounds).toEqual([sounds[0], sounds[0]]);
    expect(sounds[0]).toEqual({ channels: 2, samplesPerSecond: 48_000, bitsPerSecond: 128_000 });
  });
});

describe('the renditions of audio', () => {
  const rates = (sound: typeof STEREO) => ladderFor({ picture: null, sound }).map(({ name }) => name);

  it('have the full and half the bit rate', () => {
    expect(rates(STEREO)).toEqual(['128k', '64k']);
    expect(rates({ ...STEREO, channels: 1 })).toEqual(['64k', '32k']);
  });

  it('do not exceed the bit rate of the recording', () => {
    expect(rates({ ...STEREO, bitsPerSecond: 96_000 })).toEqual(['96k', '64k']);
    expect(rates({ ...STEREO, bitsPerSecond: 64_000 })).toEqual(['64k']);
    expect(rates({ channels: 1, samplesPerSecond: 24_000, bitsPerSecond: 24_000 })).toEqual(['24k']);
  });

  it('have at most two channels of 48 kHz', () => {
    const [first] = ladderFor({
      picture: null,
      sound: { channels: 6, samplesPerSecond: 96_000, bitsPerSecond: 640_000 },
    });
    expect(first?.sound).toEqual({ channels: 2, samplesPerSecond: 48_000, bitsPerSecond: 128_000 });
  });
});
