import { css, html, nothing } from 'lit';
import { PageController } from '../state/page-controller';
import { describeProgress, progressShare } from '../text/describe-progress';
import { ItemElement } from '../ui/item-element';
import { shared } from '../ui/shared-styles';

/** A photograph on its way to a latent: what it is, how far it is, and the means to stop it. */
export class LeapEncoding extends ItemElement {
  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-rows: minmax(0, 1fr) auto;
        min-height: 0;
        background: var(--stage);
      }

      .picture {
        display: grid;
        min-height: 0;
        padding: 24px;
        place-items: center;
      }

      .picture canvas {
        max-width: 100%;
        max-height: 100%;
        min-height: 0;
        object-fit: scale-down;
      }

      .state {
        display: flex;
        gap: 16px;
        align-items: center;
        padding: 8px 16px;
        background: var(--ground);
      }

      .state p {
        min-width: 0;
        overflow-wrap: anywhere;
      }

      progress {
        flex: 1;
        min-width: 60px;
        height: 4px;
        accent-color: var(--accent);
      }
    `,
  ];

  constructor() {
    super();
    new PageController(this);
  }

  protected override render() {
    const { item, page } = this;
    const share = progressShare(item.encoding);
    return html`
      ${item.latent ? nothing : html`<div class="picture">${item.reference?.canvas}</div>`}
      <div class="state">
        <p>${item.name}: ${describeProgress(item.encoding)}</p>
        <progress aria-label="Encoding" max="1" value=${share ?? nothing}></progress>
        <button title="Esc" @click=${() => page.cancel(item)}>Cancel</button>
      </div>
    `;
  }
}

customElements.define('leap-encoding', LeapEncoding);
