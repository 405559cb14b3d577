import type { PageState } from '../state/page-state';
import { offerAddresses } from './fetch-address';

/** Where the service worker leaves what was shared. */
const SHARED_CACHE = 'latent-leap-shared';

/**
 * Opens what another app has shared with the installed page: files, or addresses in a text. The service worker has
 * taken it and come here with `?shared`.
 */
export async function openShared(page: PageState, search: string): Promise<void> {
  if (!new URLSearchParams(search).has('shared')) return;
  history.replaceState(null, '', withoutShared());
  const cache = await caches.open(SHARED_CACHE);
  const files: File[] = [];
  const texts: string[] = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    await cache.delete(request);
    if (!response) continue;
    const name = decodeURIComponent(response.headers.get('X-Name') ?? '');
    const blob = await response.blob();
    if (response.headers.get('X-Kind') === 'text') texts.push(await blob.text());
    else files.push(new File([blob], name, { type: blob.type }));
  }
  page.add(files.map((file) => ({ name: file.name, input: file })));
  // Apps put a title before the address, or the address in both parts.
  const addresses = texts.flatMap((text) => text.match(/https:\/\/\S+/g) ?? [text]);
  if (addresses.length) offerAddresses(page, [...new Set(addresses)].join('\n'));
}

/** A reload must not look for it again. */
function withoutShared(): string {
  const url = new URL(location.href);
  url.searchParams.delete('shared');
  return url.href;
}
