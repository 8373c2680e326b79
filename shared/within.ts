/**
 * Waits for work, but not longer than this.
 * @throws Error with the code `ETIMEDOUT`, as of a socket, if the work takes longer. It goes on; nobody waits for it.
 */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    const error = () => Object.assign(new Error(`No answer in ${Math.round(milliseconds)} ms`), { code: 'ETIMEDOUT' });
    timer = setTimeout(() => reject(error()), milliseconds);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
