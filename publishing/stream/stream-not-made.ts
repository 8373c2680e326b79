/** Why there is no stream of a recording: it cannot be read, or ffmpeg failed, and then the message has what that said. */
export class StreamNotMade extends Error {
  override readonly name = 'StreamNotMade';
}
