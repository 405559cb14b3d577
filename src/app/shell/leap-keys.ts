import { css, html, LitElement } from 'lit';
import { letSingleKeysWorkEverywhere, singleKeysWorkEverywhere } from '../compare/single-keys';
import '../ui/leap-dialog';
import { shared } from '../ui/shared-styles';

/** What the keys do, in the order in which people need them. */
const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['F', 'Space'], 'flip between the two pictures'],
  [['S'], 'swipe with the divider'],
  [['D'], 'both side by side'],
  [['X'], 'their difference'],
  [['L'], 'loupe'],
  [['+', '-'], 'larger, smaller'],
  [['0'], 'fit into the window'],
  [['1'], '100 %: a pixel of the picture on each of the screen'],
  [['Arrows'], 'move; with Shift further; on the divider they move it, as Page Up and Down, Home and End do'],
  [['[', ']'], 'previous entry, next entry'],
  [['Delete'], 'remove this entry'],
  [['Ctrl Z'], 'put back what was removed last, within a minute'],
  [['Esc'], 'cancel the run'],
  [['Ctrl V'], 'open a copied file, picture or address'],
  [['?'], 'this list'],
];

/** The dialogue with the keys. */
export class LeapKeys extends LitElement {
  static override styles = [
    shared,
    css`
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 8px 16px;
        align-items: center;
      }

      dt {
        white-space: nowrap;
      }

      label {
        display: flex;
        gap: 8px;
        align-items: baseline;
        margin-top: 16px;
      }

      kbd {
        padding: 2px 7px;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        font: inherit;
        font-size: 0.8125rem;
      }
    `,
  ];

  async show(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector('leap-dialog')?.show();
  }

  protected override render() {
    return html`<leap-dialog heading="Keys">
      <dl>
        ${KEYS.map(
          ([keys, does]) => html`<dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${does}</dd>`,
        )}
      </dl>
      <label>
        <input type="checkbox" .checked=${singleKeysWorkEverywhere()} @change=${this.#setEverywhere} />
        Keys of one character work everywhere on the page, not only on the pictures
      </label>
    </leap-dialog>`;
  }

  readonly #setEverywhere = (event: Event): void => {
    letSingleKeysWorkEverywhere((event.target as HTMLInputElement).checked);
  };
}

customElements.define('leap-keys', LeapKeys);
