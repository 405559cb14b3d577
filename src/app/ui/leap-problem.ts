import { css, html, LitElement, nothing } from 'lit';
import type { LeapError } from '../../client';
import { explainError } from '../text/explain-error';
import { lowerFirst } from '../text/format';
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
        border: 1px solid var(--problem);
        border-left-width: 4px;
        border-radius: var(--radius);
        background: var(--problem-wash);
        overflow-wrap: anywhere;
      }

      .title {
        color: var(--problem);
        font-size: 1rem;
        font-weight: 600;
      }

      .code {
        font-size: 0.75rem;
      }

      /* What a person has stopped did not go wrong. */
      :host([data-stopped]) {
        border-color: var(--line-strong);
        background: var(--surface);
      }

      :host([data-stopped]) .title {
        color: inherit;
      }
    `,
  ];

  protected override willUpdate(): void {
    this.toggleAttribute('data-stopped', this.error.code === 'cancelled');
  }

  protected override render() {
    const { code } = this.error;
    const { title, message, advice, retry } = explainError(this.error);
    return html`
      <p class="title" role="alert">${this.subject ? `${this.subject}: ${lowerFirst(title)}` : title}</p>
      ${message ? html`<p>${message}</p>` : nothing}
      ${advice ? html`<p>${advice}</p>` : nothing}
      ${retry ? html`<button @click=${() => this.dispatchEvent(new Event('retry'))}>Try again</button>` : nothing}
      ${code === 'cancelled' ? nothing : html`<p class="code soft">Error code: ${code}</p>`}
    `;
  }
}

customElements.define('leap-problem', LeapProblem);
