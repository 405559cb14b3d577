import { FAMILIES, type FamilyId, type ReadHints, type Space } from '../../client';
import { MAX_OPEN_BYTES } from '../../client/open/messages';
import { defined } from '../../defined';
import {
  explainForbidden,
  type FetchOptions,
  fetchInto,
  findPolicy,
  offerFetch,
} from '../intake/fetch-address';
import { judgeSource } from '../intake/judge-source';
import type { PageState } from '../state/page-state';

/**
 * Opens the latent that the page's address names: `?src=https://...`, with `&family=` and `&space=` where the file does
 * not say them. Hosts that the page's policy does not name are asked for; what is refused is said in a notice.
 */
export function openLinked(page: PageState, search: string): void {
  const query = new URLSearchParams(search);
  const src = query.get('src');
  if (src === null) return;
  const refusal = open(page, src, { hints: readHints(query), maxBytes: MAX_OPEN_BYTES });
  if (refusal) page.notify({ code: 'address', message: refusal });
}

/** @returns why it is not opened */
function open(page: PageState, src: string, options: FetchOptions): string | undefined {
  if (!src) return '?src= is empty: it takes the address of a file.';
  if (!URL.canParse(src, document.baseURI)) return `?src= is not an address: ${src.slice(0, 100)}`;
  const url = new URL(src, document.baseURI);
  const verdict = judgeSource(url, location.origin, findPolicy());
  if (verdict === 'fetch') void fetchInto(page, url, options);
  else if (verdict === 'ask') offerFetch(page, [url], options);
  else if (url.protocol !== 'https:') return '?src= takes only https addresses.';
  else return explainForbidden(url);
  return undefined;
}

function readHints(query: URLSearchParams): ReadHints {
  const family = query.get('family') ?? '';
  const space = query.get('space');
  return defined({
    family: family in FAMILIES ? (family as FamilyId) : undefined,
    space: space === 'model' || space === 'decoder' ? (space as Space) : undefined,
  });
}
