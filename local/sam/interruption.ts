/**
 * Aborted by Ctrl-C and by SIGTERM, once. Whoever holds it ends what was started and removes what holds secrets, which a
 * process that dies of the signal would not.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  return controller.signal;
}
