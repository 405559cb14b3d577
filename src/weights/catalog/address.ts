/** Names that always mean this machine; browsers treat them as secure although they are http. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * True when `path` may be fetched on behalf of the catalogue at `base`: anything over https, the catalogue's own
 * origin, this machine for a catalogue on this machine; for a catalogue on disk, or of unknown address, what lies in
 * its folder. Addresses with a password in them are refused.
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
      // An encoded slash is no slash to the URL, but may be one to the file system.
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
