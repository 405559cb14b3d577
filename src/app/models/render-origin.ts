import { html, nothing } from 'lit';
import type { ModelStatus } from '../../client';

/** The number of digits that are shown of a commit. */
const REVISION_DIGITS = 10;

/** Where a model comes from: a link to its page, or words; its revision; and whether its page asks for consent. */
export function renderOrigin({ embedded, page, source, revision, gated, complete }: ModelStatus) {
  if (embedded) return html`<span>comes with this page</span>`;
  const link = readLink(page) ?? readLink(source);
  return html`
    <span>${link ? html`<a href=${link.href} target="_blank" rel="noopener noreferrer">${link.host}${link.pathname}</a>` : source}</span>
    ${revision ? html`<span title=${revision}>revision ${revision.slice(0, REVISION_DIGITS)}</span>` : nothing}
    ${gated && !complete ? html`<span>asks for an account and consent</span>` : nothing}
  `;
}

/** Only https addresses become links, because the text may come from outside. */
function readLink(text: string | undefined): URL | undefined {
  if (!text || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'https:' ? url : undefined;
}
