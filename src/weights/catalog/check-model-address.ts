import { LeapError } from '../../errors';
import { isAllowedAddress } from './address';
import { MODEL_HOSTS } from './model-hosts';

/**
 * Checks the address of a model that a person wants to add.
 *
 * @param hosts origins beside {@link MODEL_HOSTS}
 * @param catalogUrl the catalogue's own server is allowed too
 * @returns the address, without a fragment
 * @throws LeapError `bad-option` for what is not an address, `forbidden-address`
 */
export function checkModelAddress(text: string, hosts: readonly string[], catalogUrl: string): string {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed)) {
    throw new LeapError(
      'bad-option',
      'This is not an address; expected https://host/path/of/a/model.safetensors.',
    );
  }
  const url = new URL(trimmed);
  url.hash = '';
  const all = [...MODEL_HOSTS, ...hosts];
  const allowed = url.origin === new URL(catalogUrl).origin || all.some((host) => matches(host, url));
  // A host on the list is still refused over plain http, and with a password in its address.
  if (allowed && isAllowedAddress(url.href, catalogUrl)) return url.href;
  const where = url.protocol === 'https:' ? url.host : `${url.protocol}//${url.host}`;
  throw new LeapError(
    'forbidden-address',
    `Models may be fetched over https from ${all.join(', ')} and from this page's own server, but not from ${where}. ` +
      'Download the file and drop it here. Whoever runs this page can allow more hosts, with the option modelHosts and ' +
      'connect-src of its content security policy.',
    { url: url.href, hosts: all },
  );
}

/** As a content security policy matches: `*.` stands for at least one label. */
function matches(host: string, url: URL): boolean {
  const [scheme, name] = host.split('://');
  if (!scheme || !name || url.protocol !== `${scheme}:`) return false;
  return name.startsWith('*.') ? url.host.endsWith(name.slice(1)) : url.host === name;
}
