import { css, html, LitElement } from 'lit';
import { closeIcon } from './icons';
import { openLayers } from './open-layers';
import { shared } from './shared-styles';

/** A dialogue above the page with a title and a way out; while it is open, every key is its own. */
export class LeapDialog extends LitElement {
  static override properties = { heading: {} };

  declare heading: string;

  static override styles = [
    shared,
    css`
      :host {
        display: contents;
      }

      dialog {
        width: min(34rem, calc(100vw - 32px));
        max-height: 86dvh;
        padding: 0;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--surface);
        color: var(--ink);
      }

      dialog::backdrop {
        background: rgb(0 0 0 / 55%);
      }

      header {
        position: sticky;
        top: 0;
        display: flex;
        align-items: center;
        justify-content: space-between;
        padding: 12px 12px 12px 16px;
        border-bottom: 1px solid var(--line);
        background: var(--surface);
      }

      header button {
        display: grid;
        place-items: center;
        width: 32px;
        padding: 0;
      }

      .body {
        padding: 16px;
      }
    `,
  ];

  show(): void {
    this.#dialog?.showModal();
    openLayers.add(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    openLayers.delete(this);
  }

  protected override render() {
    return html`
      <dialog aria-labelledby="heading" @click=${this.#closeOutside} @close=${() => openLayers.delete(this)}>
        <header>
          <h2 id="heading">${this.heading}</h2>
          <button class="quiet" aria-label="Close" @click=${this.#close}>${closeIcon}</button>
        </header>
        <div class="body"><slot></slot></div>
      </dialog>
    `;
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  readonly #close = (): void => this.#dialog?.close();

  /** A click on the backdrop arrives at the dialogue itself. */
  readonly #closeOutside = (event: MouseEvent): void => {
    if (event.target === event.currentTarget) this.#close();
  };
}

customElements.define('leap-dialog', LeapDialog);

declare global {
  interface HTMLElementTagNameMap {
    'leap-dialog': LeapDialog;
  }
}
