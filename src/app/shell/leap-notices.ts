import { css, html, LitElement, nothing } from 'lit';
import { PageController } from '../state/page-controller';
import type { PageState } from '../state/page-state';
import { FocusKeeper, passFocusOn } from '../ui/focus-keeper';
import { closeIcon } from '../ui/icons';
import { shared } from '../ui/shared-styles';

/** Things a person should know that stop nothing: a slower backend, a full store; and those of the entry that is shown. */
export class LeapNotices extends LitElement {
  static override properties = { page: { attribute: false } };

  declare page: PageState;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }

      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: 4px 12px;
        padding: 4px 8px 4px 16px;
        border-top: 1px solid var(--line);
        background: var(--surface);
      }

      /* Over what the page shows. */
      @media (max-width: 56.25em) {
        ul {
          max-height: 40dvh;
          overflow: auto;
          border-bottom: 1px solid var(--line-strong);
        }
      }

      p {
        overflow-wrap: anywhere;
      }

      /* What can be done about it stands below the words, or before the cross where there is room. */
      .action {
        grid-area: 2 / 1;
        justify-self: start;
        margin-bottom: 4px;
      }

      @container (min-width: 28rem) {
        li {
          grid-template-columns: minmax(0, 1fr) auto auto;
        }

        .action {
          grid-area: 1 / 2;
          margin: 0;
        }
      }

      button.quiet {
        display: grid;
        grid-area: 1 / -2;
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
    const { notices, selected } = this.page;
    const shown = notices.filter(({ item }) => !item || item === selected);
    return html`<ul aria-label="Notices" ?hidden=${!shown.length}>
      ${shown.map(
        (notice) => html`<li
          @focusin=${() => notice.hold?.(true)}
          @focusout=${() => notice.hold?.(false)}
          @pointerenter=${() => notice.hold?.(true)}
          @pointerleave=${() => notice.hold?.(false)}
        >
          <p>${notice.message}</p>
          ${notice.action ? html`<button class="action" @click=${notice.action.run}>${notice.action.label}</button>` : nothing}
          <button class="quiet" aria-label="Dismiss" @click=${() => this.page.dismiss(notice)}>${closeIcon}</button>
        </li>`,
      )}
    </ul>`;
  }
}

customElements.define('leap-notices', LeapNotices);
