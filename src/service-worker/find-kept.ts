/**
 * Finds the kept file that answers a request.
 * @param url the requested address; its query and fragment do not matter
 * @param root address of the page's folder, ending in a slash
 * @param paths kept files, relative to `root`
 * @returns the path, `index.html` for the folder itself; undefined when no kept file answers
 */
export function findKept(url: string, root: string, paths: readonly string[]): string | undefined {
  const { origin, pathname } = new URL(url);
  const bare = origin + pathname;
  if (!bare.startsWith(root)) return undefined;
  const path = bare.slice(root.length) || 'index.html';
  return paths.includes(path) ? path : undefined;
}
