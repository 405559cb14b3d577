/** Names that always mean this machine. Browsers treat them as secure, even over http. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether `path` may be fetched for the catalogue at `base`. Allowed are any https address, the catalogue's own origin,
 * and this machine for a catalogue on this machine. A catalogue on disk, or without an address, may only name files in
 * its folder. An address with a password in it is refused.
 */
export function isAllowedAddress(path: string, base: string | undefined): boolean {
  if (base === undefined) return isAllowedAddress(path, 'file:///catalog/catalog.json');
  const address = parse(path, base);
  if (!address || address.username || address.password) return false;
  const home = new URL(base);
  switch (address.protocol) {
    case 'https:':
      return true;
    case 'http:':
      return (
        address.origin === home.origin || (LOOPBACK.has(address.hostname) && LOOPBACK.has(home.hostname))
      );
    case 'file:':
      // An encoded slash is not a slash in a URL, but may be one in the file system.
      return address.href.startsWith(new URL('.', home).href) && !/%2f|%5c/i.test(address.pathname);
    default:
      return false;
  }
}

function parse(path: string, base: string): URL | undefined {
  try {
    return new URL(path, base);
  } catch {
    return undefined;
  }
}
