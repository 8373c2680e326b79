/** The header of a frame: MPEG-2 layer III without CRC, 8 kbit/s at 24 kHz, one channel (ISO/IEC 13818-3). */
const HEADER = [0xff, 0xf3, 0x14, 0xc0];
const BYTES_PER_FRAME = (72 * 8000) / 24_000;
const SECONDS_PER_FRAME = 576 / 24_000;

/** A silent MP3 with 1000 bytes a second. */
export function silentMp3(seconds: number): Buffer {
  const frame = Buffer.alloc(BYTES_PER_FRAME);
  frame.set(HEADER);
  return Buffer.concat(Array.from({ length: Math.round(seconds / SECONDS_PER_FRAME) }, () => frame));
}
