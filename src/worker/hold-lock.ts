/**
 * Takes a Web Lock and keeps it until the worker ends. That is how the page notices that a worker was killed (see
 * `WorkerLink.watchLock`).
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
