/**
 * Returns a signal that Ctrl-C or SIGTERM aborts. The command then stops what it started and removes files with
 * secrets, which a killed process would leave.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  return controller.signal;
}
