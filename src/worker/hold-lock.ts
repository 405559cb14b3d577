/**
 * Takes a Web Lock and keeps it until the worker ends, which is how the page learns of a worker that was killed
 * (see `WorkerLink.watchLock`).
 * @returns false where there are no Web Locks (an insecure context, Node).
 */
export function holdLock(name: string): Promise<boolean> {
  const locks = globalThis.navigator?.locks;
  if (!locks) return Promise.resolve(false);
  return new Promise((resolve) => {
    locks
      .request(name, () => {
        resolve(true);
        return new Promise<never>(() => {});
      })
      .catch(() => resolve(false));
  });
}
