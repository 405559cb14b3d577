import { css, html, nothing } from 'lit';
import { toLeapError } from '../../errors';
import { isBusy, type Outcome, savedOutcome } from '../state/item';
import { PageController } from '../state/page-controller';
import { nameSides } from '../text/name-sides';
import { ItemElement } from '../ui/item-element';
import { shared } from '../ui/shared-styles';
import { nameFile, sayOtherFactor } from './name-result';
import { toPictureBlob } from './picture-blob';
import { saveFile } from './save-file';

/** At the bottom of a small screen, in reach of the thumb: saves the right side's picture, or cancels the work on it. */
export class LeapQuickSave extends ItemElement {
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        gap: 12px;
        align-items: center;
        padding: 8px 12px calc(8px + env(safe-area-inset-bottom));
        border-top: 1px solid var(--line-strong);
        background: var(--ground);
      }

      p {
        flex: 1;
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      button {
        flex: none;
        min-height: 44px;
      }
    `,
  ];

  constructor() {
    super();
    new PageController(this);
  }

  protected override render() {
    const { item, page } = this;
    const outcome = savedOutcome(item, 'right');
    const busy = isBusy(item);
    return html`
      <p>${nameSides(item, page.shelf).right}<span class="soft">, ${item.name}</span></p>
      ${busy ? html`<button @click=${() => page.cancel(item)}>Cancel</button>` : nothing}
      <button class="primary" ?disabled=${!outcome} @click=${() => outcome && this.#save(outcome)}>
        Save picture${sayOtherFactor(item, outcome)}
      </button>
    `;
  }

  async #save(outcome: Outcome): Promise<void> {
    try {
      const blob = await toPictureBlob(outcome, { format: 'png', quality: 1 });
      saveFile(nameFile(this.item, outcome, 'png'), blob);
    } catch (thrown) {
      this.page.notify(toLeapError(thrown));
    }
  }
}

customElements.define('leap-quick-save', LeapQuickSave);
