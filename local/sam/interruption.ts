/**
 * Aborted once, by Ctrl-C or SIGTERM. The holder ends what it started and removes files with secrets, which a killed
 * process would not.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  return controller.signal;
}
