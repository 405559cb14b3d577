import { css, html, nothing } from 'lit';
import type { ComparedSide, ExportOptions, LatentCompareElement } from '../../element';
import '../../element';
import { SIDES, type SideId } from '../state/choice';
import {
  currentRun,
  type Item,
  isPicture,
  outcomeAtOtherFactor,
  pictureSize,
  type Side,
  shownOutcome,
} from '../state/item';
import { PageController } from '../state/page-controller';
import type { PageState } from '../state/page-state';
import type { Reference } from '../state/read/reference';
import { formatSize } from '../text/format';
import { nameDecoder, nameMethod, nameSides } from '../text/name-sides';
import { LeapElement } from '../ui/leap-element';
import { shared } from '../ui/shared-styles';
import { isTaken } from './taken-keys';
import './leap-choice';
import './leap-encoding';
import './leap-measures';
import './leap-side-label';

/** The comparison of the selected latent, with what makes each side above it. */
export class LeapCompare extends LeapElement {
  static override properties = {
    page: { attribute: false },
    item: { attribute: false },
    front: { state: true },
  };

  declare page: PageState;
  declare item: Item;
  /** The side that alone is seen; undefined while both are. */
  declare private front: SideId | undefined;
  #alive = new AbortController();

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-width: 0;
        min-height: 0;
      }

      latent-compare {
        flex: 1 0 var(--own-compare-basis, 0px);
        aspect-ratio: auto;
      }

      /* The pictures themselves: the bar below them may take several lines. */
      latent-compare::part(stage) {
        min-height: var(--own-stage-height, 0);
      }

      .labels {
        display: grid;
        grid-template-columns: 1fr 1fr;
        border-bottom: 1px solid var(--line);
        background: var(--ground);
      }

      /* In a narrow one, as with large letters, the button goes below the words and is as wide as they are. */
      .label {
        position: relative;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        min-width: 0;
      }

      .label + .label {
        border-left: 1px solid var(--line);
      }

      .label leap-side-label {
        flex: 1000 1 10rem;
      }

      .labels .behind {
        color: var(--ink-soft);
      }

      .labels.flip .label:not(.behind) {
        background: var(--surface);
        box-shadow: inset 0 2px var(--ink);
      }

      .quiet[aria-pressed='true'] {
        text-decoration: underline;
        text-decoration-thickness: 2px;
        text-underline-offset: 5px;
      }
    `,
  ];

  constructor() {
    super();
    new PageController(this);
  }

  /** Gives the focus to the pictures. */
  override focus(options?: FocusOptions): void {
    this.#stage?.focus(options);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#alive = new AbortController();
    document.addEventListener('keydown', (event) => !isTaken(event) && this.#stage?.handleKey(event), {
      signal: this.#alive.signal,
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#alive.abort();
  }

  protected override render() {
    const { item, front } = this;
    const names = nameSides(item, this.page.shelf);
    return html`
      <div class="labels ${front ? 'flip' : ''}">${SIDES.map((side) => this.#renderLabel(side))}</div>
      ${
        item.reading && isPicture(item)
          ? html`<leap-encoding .page=${this.page} .item=${item}></leap-encoding>`
          : nothing
      }
      ${
        this.page.view.measures
          ? html`<leap-measures .page=${this.page} .item=${item}></leap-measures>`
          : nothing
      }
      <latent-compare
        .topic=${item}
        .subject=${item.name}
        .size=${pictureSize(item)}
        .mode=${this.page.view.mode}
        .loupe=${this.page.view.loupe}
        .left=${this.#sideOf('left', names)}
        .right=${this.#sideOf('right', names)}
        @compare-change=${this.#onChange}
      >
        <span slot="tools">${this.#renderTools()}</span>
      </latent-compare>
    `;
  }

  /** The view may have been chosen for an earlier file. */
  protected override updated(): void {
    this.front = this.#stage?.frontSide;
  }

  #renderTools() {
    const { page, item } = this;
    const { reference, measures } = page.view;
    return html`
      ${
        item.reference
          ? html`<button
            class="quiet"
            title="Instead of the left picture"
            aria-pressed=${reference}
            @click=${() => page.setView({ reference: !reference })}
          >
            ${item.reference.truth ? 'Reference' : 'Original'}
          </button>`
          : nothing
      }
      <button class="quiet" aria-pressed=${measures} @click=${this.#toggleMeasures}>
        Measure
      </button>
    `;
  }

  /** The table opens above the pictures, perhaps out of sight of whoever has scrolled down to the button. */
  readonly #toggleMeasures = async (): Promise<void> => {
    const { page } = this;
    page.setView({ measures: !page.view.measures });
    await this.updateComplete;
    this.renderRoot.querySelector('leap-measures')?.scrollIntoView({ block: 'nearest' });
  };

  #renderLabel(side: SideId) {
    const { item, page, front } = this;
    return html`
      <div class="label ${front && side !== front ? 'behind' : ''}">
        <leap-side-label
          side=${side}
          .choice=${item.choices[side]}
          .scale=${item.scale}
          .shelf=${page.shelf}
          .result=${currentRun(item)[side]}
          .instead=${this.#seenInstead(side)}
        ></leap-side-label>
        <leap-choice side=${side} .page=${page} .item=${item} .version=${{}}></leap-choice>
      </div>
    `;
  }

  /** The reference or the photograph itself, where it was asked for. */
  #seenInstead(side: SideId): Reference | undefined {
    return side === 'left' && this.page.view.reference ? this.item.reference : undefined;
  }

  #sideOf(side: SideId, names: Record<SideId, string>): ComparedSide {
    const { item, page } = this;
    const instead = this.#seenInstead(side);
    if (instead) {
      const { canvas, label, width, height } = instead;
      return { picture: canvas, label, note: formatSize(width, height) };
    }
    const result = currentRun(item)[side];
    const outcome = shownOutcome(result);
    if (outcome) {
      const old = result.state !== 'done';
      return {
        picture: outcome.canvas,
        label: old ? nameMethod(outcome.choice, item.scale, page.shelf) : names[side],
        note: old ? `${nameDecoder(outcome.choice, page.shelf)}, before the change` : this.#note(side, names),
        marked: outcome.choice.method === 'lua',
      };
    }
    const marked = item.choices[side].method === 'lua';
    const other = outcomeAtOtherFactor(item, side);
    if (result.state === 'running' && result.partial) {
      return { picture: result.partial, label: names[side], note: 'coming in', rough: true, marked };
    }
    if (other) {
      const note = explainOtherFactor(other.report.scale, item.scale, result.state);
      return { picture: other.canvas, label: names[side], note, rough: true, marked };
    }
    return { picture: item.previews?.[side], label: names[side], note: 'rough preview', rough: true, marked };
  }

  /** What the label does not say: the decoder, or, where that is the label, what enlarged. */
  #note(side: SideId, names: Record<SideId, string>): string {
    const { item, page } = this;
    const decoder = nameDecoder(item.choices[side], page.shelf);
    return decoder === names[side] ? nameMethod(item.choices[side], item.scale, page.shelf) : decoder;
  }

  /** The comparison as it is seen now. */
  async toBlob(options?: ExportOptions): Promise<Blob> {
    await this.updateComplete;
    return this.#stage!.toBlob(options);
  }

  get #stage(): LatentCompareElement | null {
    return this.renderRoot.querySelector('latent-compare');
  }

  readonly #onChange = (): void => {
    const stage = this.#stage;
    if (!stage) return;
    const { mode, loupe } = this.page.view;
    this.front = stage.frontSide;
    // Not for every move of the divider: the whole page renders again.
    if (stage.mode !== mode || stage.loupe !== loupe) {
      this.page.setView({ mode: stage.mode, loupe: stage.loupe });
    }
  };
}

/** Why the picture of another factor is shown. */
function explainOtherFactor(shown: number, wanted: number, state: Side['state']): string {
  if (state === 'idle') return `${shown}×; ${wanted}× was not run`;
  if (state === 'failed') return `${shown}×; ${wanted}× failed`;
  return `${shown}×, until ${wanted}× is there`;
}

customElements.define('leap-compare', LeapCompare);

declare global {
  interface HTMLElementTagNameMap {
    'leap-compare': LeapCompare;
  }
}
