/** A stream cannot be made: the recording cannot be read, or ffmpeg failed, whose message is included. */
export class StreamNotMade extends Error {
  override readonly name = 'StreamNotMade';
}
