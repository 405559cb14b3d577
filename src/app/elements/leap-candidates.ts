import { css, html, LitElement, nothing } from 'lit';
import type { LeapError, ReadHints } from '../../client';
import { type Candidate, readCandidates } from '../read-candidates';
import type { Item } from '../state/item';
import type { Session } from '../state/session';
import { shared } from '../styles/shared';

/** The readings to choose from, when a file fits more than one. */
export class LeapCandidates extends LitElement {
  static override properties = {
    session: { attribute: false },
    item: { attribute: false },
    error: { attribute: false },
  };

  declare session: Session;
  declare item: Item;
  declare error: LeapError;

  static override styles = [
    shared,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
    `,
  ];

  protected override render() {
    const candidates = readCandidates(this.error);
    if (!candidates.length) return nothing;
    return html`<ul aria-label="Possible readings">
      ${candidates.map((candidate) => this.#renderCandidate(candidate))}
    </ul>`;
  }

  #renderCandidate({ label, hints }: Candidate) {
    return html`<li><button @click=${() => this.#choose(hints)}>${label}</button></li>`;
  }

  #choose(hints: ReadHints): void {
    this.session.reread(this.item, hints);
  }
}

customElements.define('leap-candidates', LeapCandidates);
