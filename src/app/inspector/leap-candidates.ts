import { css, html, LitElement, nothing } from 'lit';
import { copyBitmap } from '../state/canvases';
import type { Item } from '../state/item';
import type { Session } from '../state/session';
import { shared } from '../ui/shared-styles';
import type { Candidate } from './read-candidates';

/** The readings to choose from when a file fits more than one, each with a small preview of what it would give. */
export class LeapCandidates extends LitElement {
  static override properties = {
    session: { attribute: false },
    item: { attribute: false },
    candidates: { attribute: false },
  };

  declare session: Session;
  declare item: Item;
  declare candidates: readonly Candidate[];

  readonly #previews = new Map<string, HTMLCanvasElement>();
  #shown = '';

  static override styles = [
    shared,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }

      button {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 4px;
        padding: 8px;
      }

      canvas {
        max-width: 96px;
        max-height: 96px;
        min-width: 32px;
        image-rendering: pixelated;
      }
    `,
  ];

  protected override willUpdate(): void {
    const shown = `${this.item.id} ${JSON.stringify(this.candidates)}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#previews.clear();
    void this.#loadPreviews(shown);
  }

  protected override render() {
    if (!this.candidates.length) return nothing;
    return html`<ul aria-label="Possible readings">
      ${this.candidates.map((candidate) => this.#renderCandidate(candidate))}
    </ul>`;
  }

  #renderCandidate({ label, hints }: Candidate) {
    return html`<li>
      <button @click=${() => this.session.reread(this.item, hints)}>${this.#previews.get(label)} ${label}</button>
    </li>`;
  }

  /** One after the other, as far as this list is still the one that is shown. A reading that fails has no preview. */
  async #loadPreviews(shown: string): Promise<void> {
    const { item } = this;
    for (const { label, hints } of this.candidates) {
      const bitmap = await this.session.reader
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
