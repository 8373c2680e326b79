import { measureBandwidth } from '../../../publishing/stream/bandwidth.ts';
import { captionPlaylist, captionSegment } from '../../../publishing/stream/captions.ts';
import { masterPlaylist, type Variant } from '../../../publishing/stream/master-playlist.ts';

const variant = (name: string, peak: number): Variant => ({
  uri: `${name}/index.m3u8`,
  bandwidth: { peak, average: peak / 2 },
  codecs: ['avc1.64001e', 'mp4a.40.2'],
  picture: { width: 640, height: 360, framesPerSecond: 30_000 / 1001 },
});

const urisOf = (playlist: string) => playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('a master playlist', () => {
  it('describes each rendition by what players choose by', () => {
    expect(masterPlaylist([variant('360p', 800_000)], [])).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=800000,AVERAGE-BANDWIDTH=400000,CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=29.970,CLOSED-CAPTIONS=NONE
360p/index.m3u8
`);
  });

  it('has no video attributes for audio', () => {
    const sound = { ...variant('64k', 70_000), codecs: ['mp4a.40.2'], picture: null };
    expect(masterPlaylist([sound], [])).toContain(
      '#EXT-X-STREAM-INF:BANDWIDTH=70000,AVERAGE-BANDWIDTH=35000,CODECS="mp4a.40.2"\n64k/index.m3u8\n',
    );
  });

  it('lists a rendition for mobile networks first, and then from best to worst', () => {
    const variants = [variant('360p', 800_000), variant('1080p', 6_000_000), variant('480p', 1_500_000)];
    expect(urisOf(masterPlaylist(variants, []))).toEqual(['480p/index.m3u8', '1080p/index.m3u8', '360p/index.m3u8']);
  });

  it('lists the smallest rendition first if all exceed a mobile network', () => {
    const variants = [variant('1080p', 6_000_000), variant('720p', 3_000_000)];
    expect(urisOf(masterPlaylist(variants, []))).toEqual(['720p/index.m3u8', '1080p/index.m3u8']);
  });

  it('lists captions that are off by default, and refers to them in each rendition', () => {
    const playlist = masterPlaylist(
      [variant('360p', 800_000)],
      [{ uri: 'captions/1.m3u8', language: 'de', label: 'Deutsch' }],
    );
    expect(playlist).toContain(
      '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="Deutsch",LANGUAGE="de",AUTOSELECT=YES,DEFAULT=NO,FORCED=NO,URI="captions/1.m3u8"\n',
    );
    expect(playlist).toContain(',SUBTITLES="captions",CLOSED-CAPTIONS=NONE\n360p/index.m3u8\n');
  });

  it('gives each track a unique name, and lets players select one track per language automatically', () => {
    const tracks = [
      { uri: '1.m3u8', language: 'en', label: 'Captions' },
      { uri: '2.m3u8', language: 'de', label: 'Captions' },
      { uri: '3.m3u8', language: 'de', label: 'In "plain" German' },
    ];
    const chosen = [...masterPlaylist([], tracks).matchAll(/NAME="(.*?)".*AUTOSELECT=(\w+)/g)];
    expect(chosen.map(([, name, auto]) => [name, auto])).toEqual([
      ['Captions', 'YES'],
      ['Captions (de)', 'YES'],
      ["In 'plain' German", 'NO'],
    ]);
  });
});

describe('the bandwidth of segments', () => {
  it('is the peak of one segment, and the average of all', () => {
    const segments = [
      { seconds: 6, bytes: 6000 },
      { seconds: 6, bytes: 12_000 },
    ];
    expect(measureBandwidth(segments, 6)).toEqual({ peak: 16_000, average: 12_000 });
  });

  it('combines a very short last segment with the previous one', () => {
    const segments = [
      { seconds: 6, bytes: 6000 },
      { seconds: 1, bytes: 8000 },
    ];
    expect(measureBandwidth(segments, 6)).toEqual({ peak: 16_000, average: 16_000 });
  });

  it('is the average if the whole is very short', () => {
    expect(measureBandwidth([{ seconds: 1, bytes: 1000 }], 6)).toEqual({ peak: 8000, average: 8000 });
  });
});

describe('captions in a stream', () => {
  it('state their start on the stream clock, for all line endings and with a byte order mark', () => {
    expect(captionSegment('\uFEFFWEBVTT - Sound\r\n\r\n00:00.000 --> 00:01.000\r\nA clap.\r\n', 900)).toBe(
      'WEBVTT - Sound\nX-TIMESTAMP-MAP=MPEGTS:900,LOCAL:00:00:00.000\n\n00:00.000 --> 00:01.000\nA clap.\n',
    );
  });

  it('are one segment of the duration of the stream', () => {
    expect(captionPlaylist('1.vtt', 51.6)).toContain('#EXT-X-TARGETDURATION:52\n');
    expect(captionPlaylist('1.vtt', 51.6)).toContain('#EXTINF:51.600000,\n1.vtt\n#EXT-X-ENDLIST\n');
  });
});
