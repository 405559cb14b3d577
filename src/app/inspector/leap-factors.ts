import { css, html, nothing } from 'lit';
import { joinWords } from '../../join-words';
import { SIDES } from '../state/choice';
import { commonFactors, factorsOf } from '../state/choosing/factors';
import { pictureSize } from '../state/item';
import { formatFactor, formatSize } from '../text/format';
import { nameMethod } from '../text/name-sides';
import { ItemElement } from '../ui/item-element';
import { segmented, shared } from '../ui/shared-styles';

/** The factors that what is chosen on both sides can make of this latent, and whose limits they are. */
export class LeapFactors extends ItemElement {
  static override styles = [
    shared,
    segmented,
    css`
      :host {
        display: block;
      }

      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 12px;
      }

      .segmented {
        flex-wrap: wrap;
        max-width: 100%;
      }

      .segmented button {
        min-width: 44px;
        padding: 0 8px;
      }

      .limits {
        margin-top: 6px;
        overflow-wrap: anywhere;
        font-size: 0.8125rem;
        font-stretch: var(--narrow);
        text-wrap: pretty;
      }
    `,
  ];

  protected override render() {
    const { item, page } = this;
    const { latent, choices, scale } = item;
    if (!latent) return nothing;
    const factors = commonFactors(choices, latent, page.shelf, scale);
    const size = pictureSize(item);
    return html`
      <div class="row">
      <div class="segmented" role="group" aria-label="Scale">
        ${factors.map(
          (factor) => html`<button
            aria-pressed=${factor === scale}
            @click=${() => page.setScale(item, factor)}
          >
            ${formatFactor(factor)}
          </button>`,
        )}
      </div>
      <span>${size ? `${formatSize(size.width, size.height)} px` : ''}</span>
      </div>
      ${this.#renderLimits()}
    `;
  }

  /** Which choice leaves factors out, so that a person knows where to change it. */
  #renderLimits() {
    const { latent, choices, scale } = this.item;
    const { shelf } = this.page;
    if (!latent) return nothing;
    const any = factorsOf({ method: 'bicubic', lua: undefined, decoder: undefined }, latent, shelf);
    const limits = SIDES.flatMap((side) => {
      const factors = factorsOf(choices[side], latent, shelf);
      if (any.every((factor) => factors.includes(factor))) return [];
      return `${nameMethod(choices[side], scale, shelf)} makes ${joinWords(factors.map(formatFactor))}.`;
    });
    if (!limits.length) return nothing;
    const text = `${[...new Set(limits)].join(' ')} Others, chosen above the picture, make other factors.`;
    return html`<p class="limits soft">${text}</p>`;
  }
}

customElements.define('leap-factors', LeapFactors);
