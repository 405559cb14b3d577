import { css, html, LitElement, nothing } from 'lit';
import type { LeapError } from '../../client';
import { explainError } from '../text/explain-error';
import { shared } from './shared-styles';

/** An error with what to do about it; fires `retry` when there is a point in trying again. */
export class LeapProblem extends LitElement {
  static override properties = { error: { attribute: false }, subject: {} };

  declare error: LeapError;
  /** What failed: a method's or a file's name. */
  declare subject: string;

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 6px;
        align-items: flex-start;
        padding: 12px 14px;
        border-left: 3px solid var(--accent);
        background: var(--accent-wash);
        overflow-wrap: anywhere;
      }

      .title {
        font-weight: 600;
      }

      .code {
        font-size: 12px;
      }
    `,
  ];

  protected override render() {
    const { title, message, advice, retry } = explainError(this.error);
    return html`
      <p class="title">${this.subject ? `${this.subject}: ${lowerFirst(title)}` : title}</p>
      <p>${message}</p>
      <p>${advice}</p>
      ${retry ? html`<button @click=${() => this.dispatchEvent(new Event('retry'))}>Try again</button>` : nothing}
      <p class="code soft">${this.error.code}</p>
    `;
  }
}

/** Titles stand alone or after a name and a colon. */
function lowerFirst(text: string): string {
  return (text[0]?.toLowerCase() ?? '') + text.slice(1);
}

customElements.define('leap-problem', LeapProblem);
