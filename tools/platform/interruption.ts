/** A terminal sends Ctrl-C to npm and to this process, and npm passes it on: it arrives twice. */
const SAME_KEYPRESS_MS = 500;

/**
 * Returns a signal that Ctrl-C or SIGTERM aborts. The command then stops what it started and removes files with
 * secrets, which a killed process would leave. A second Ctrl-C ends the process at once.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const interrupt = () => {
    if (firstAt !== undefined && Date.now() - firstAt > SAME_KEYPRESS_MS) process.exit(1);
    firstAt ??= Date.now();
    controller.abort(new Error('interrupted'));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}
