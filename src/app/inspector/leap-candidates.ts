import { css, html, LitElement, nothing } from 'lit';
import { copyBitmap } from '../../element/copy-bitmap';
import type { Item } from '../state/item';
import type { PageState } from '../state/page-state';
import { shared } from '../ui/shared-styles';
import type { Candidate } from './read-candidates';

/** As many are shown at once: each is read once more for its preview. */
const MOST_SHOWN = 8;

/** The readings to choose from when a file fits more than one, each with a small preview of what it would give. */
export class LeapCandidates extends LitElement {
  static override properties = {
    page: { attribute: false },
    item: { attribute: false },
    candidates: { attribute: false },
    wanted: { state: true },
  };

  declare page: PageState;
  declare item: Item;
  declare candidates: readonly Candidate[];
  /** Part of the label that is looked for. */
  declare private wanted: string;

  readonly #previews = new Map<string, HTMLCanvasElement>();
  #shown: readonly Candidate[] = [];
  #shownItem: Item | undefined;

  static override styles = [
    shared,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }

      li {
        max-width: 100%;
      }

      button {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 4px;
        max-width: 100%;
        padding: 8px;
        overflow-wrap: anywhere;
      }

      canvas {
        max-width: 96px;
        max-height: 96px;
        min-width: 32px;
        image-rendering: pixelated;
      }

      input {
        width: 100%;
        margin-bottom: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.wanted = '';
  }

  protected override willUpdate(): void {
    const shown = this.#find();
    const same =
      shown.length === this.#shown.length && shown.every(({ label }, i) => label === this.#shown[i]!.label);
    if (same && this.#shownItem === this.item) return;
    if (this.#shownItem !== this.item) this.#previews.clear();
    this.#shown = shown;
    this.#shownItem = this.item;
    void this.#loadPreviews(shown);
  }

  protected override render() {
    const { length } = this.candidates;
    if (!length) return nothing;
    return html`
      ${
        length > MOST_SHOWN
          ? html`<input
            type="search"
            aria-label="Find among ${length.toLocaleString('en')} readings"
            placeholder="Find among ${length.toLocaleString('en')}"
            .value=${this.wanted}
            @input=${this.#search}
          />`
          : nothing
      }
      <ul aria-label="Possible readings">
        ${this.#shown.map((candidate) => this.#renderCandidate(candidate))}
      </ul>
    `;
  }

  #renderCandidate({ label, hints }: Candidate) {
    return html`<li>
      <button @click=${() => this.page.reread(this.item, hints)}>${this.#previews.get(label)} ${label}</button>
    </li>`;
  }

  /** The first few that have what is looked for in their label. */
  #find(): readonly Candidate[] {
    const wanted = this.wanted.trim().toLowerCase();
    const found: Candidate[] = [];
    for (const candidate of this.candidates) {
      if (candidate.label.toLowerCase().includes(wanted)) found.push(candidate);
      if (found.length === MOST_SHOWN) break;
    }
    return found;
  }

  readonly #search = (event: Event): void => {
    this.wanted = (event.target as HTMLInputElement).value;
  };

  /** One after the other, as far as this list is still the one that is shown. A reading that fails has no preview. */
  async #loadPreviews(shown: readonly Candidate[]): Promise<void> {
    const { item } = this;
    for (const { label, hints } of shown) {
      if (this.#previews.has(label)) continue;
      const bitmap = await this.page.reader
        .use(async (upscaler) => {
          const latent = await upscaler.read(item.input, { ...item.hints, name: item.name, ...hints });
          return upscaler.preview(latent);
        })
        .catch(() => undefined);
      if (this.#shown !== shown) return bitmap?.close();
      if (!bitmap) continue;
      this.#previews.set(label, copyBitmap(bitmap));
      bitmap.close();
      this.requestUpdate();
    }
  }
}

customElements.define('leap-candidates', LeapCandidates);
