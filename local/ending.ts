/** A terminal sends Ctrl-C to npm and to this process, and npm passes it on: it arrives twice. */
const SAME_KEYPRESS_MS = 500;

const PARENT_CHECK_MS = 1000;

/**
 * Calls `stop` when this process must end: on Ctrl-C, on a supervisor's SIGTERM, when the terminal closes, and when the
 * npm that started it has ended, because npm does not pass on every signal.
 * @param abandon called on a second Ctrl-C, for somebody who does not want to wait
 */
export function onEnding(stop: () => void, abandon: () => void): void {
  let firstAt: number | undefined;
  const end = () => {
    if (firstAt !== undefined) return;
    firstAt = Date.now();
    stop();
  };

  process.on('SIGINT', () => {
    if (firstAt !== undefined && Date.now() - firstAt > SAME_KEYPRESS_MS) abandon();
    else end();
  });
  process.on('SIGTERM', end);
  process.on('SIGHUP', end);
  if (process.env['npm_lifecycle_event'] === 'start') onParentGone(end);
}

/** There is no signal for the end of a parent. The process only gets another parent. */
function onParentGone(end: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, PARENT_CHECK_MS).unref();
}
