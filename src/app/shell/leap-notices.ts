import { css, html, LitElement, nothing } from 'lit';
import { PageController } from '../state/page-controller';
import type { PageState } from '../state/page-state';
import { FocusKeeper, passFocusOn } from '../ui/focus-keeper';
import { closeIcon } from '../ui/icons';
import { shared } from '../ui/shared-styles';

/** Things a person should know that stop nothing: a slower backend, a full store. */
export class LeapNotices extends LitElement {
  static override properties = { page: { attribute: false } };

  declare page: PageState;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
      }

      li {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 4px 8px 4px 16px;
        border-bottom: 1px solid var(--line);
        background: var(--surface);
      }

      p {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }

      button.quiet {
        display: grid;
        place-items: center;
        width: 32px;
        padding: 0;
      }
    `,
  ];

  constructor() {
    super();
    new PageController(this);
    new FocusKeeper(this, () => passFocusOn(this));
  }

  protected override render() {
    return html`<ul aria-label="Notices" ?hidden=${!this.page.notices.length}>
      ${this.page.notices.map(
        (notice) => html`<li
          @focusin=${() => notice.hold?.(true)}
          @focusout=${() => notice.hold?.(false)}
          @pointerenter=${() => notice.hold?.(true)}
          @pointerleave=${() => notice.hold?.(false)}
        >
          <p>${notice.message}</p>
          ${notice.action ? html`<button @click=${notice.action.run}>${notice.action.label}</button>` : nothing}
          <button class="quiet" aria-label="Dismiss" @click=${() => this.page.dismiss(notice)}>${closeIcon}</button>
        </li>`,
      )}
    </ul>`;
  }
}

customElements.define('leap-notices', LeapNotices);
