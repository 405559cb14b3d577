import { css, html } from 'lit';
import { toLeapError } from '../../errors';
import '../../element';
import type { Session } from '../state/session';
import { FAMILY_LABELS } from '../text/family-labels';
import { formatBytes, formatSize } from '../text/format';
import { LeapElement } from '../ui/leap-element';
import { pickFiles } from '../ui/pick-files';
import { shared } from '../ui/shared-styles';
import { fetchSample, listSamples, type Sample, sampleUrl } from './samples';

/** Pixels per latent position. */
const STRIDE = 8;

/** The page before the first latent: what it does, shown by an example; where to drop files; samples. */
export class LeapWelcome extends LeapElement {
  static override properties = { session: { attribute: false }, samples: { state: true } };

  declare session: Session;
  declare private samples: readonly Sample[];

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(300px, 2fr) 3fr;
        gap: 40px clamp(32px, 4vw, 88px);
        align-content: center;
        max-width: 2200px;
        min-height: 100%;
        margin: auto;
        padding: 32px clamp(16px, 4vw, 72px);
      }

      h2 {
        font-size: clamp(30px, 3.2vw, 60px);
        font-weight: 550;
        line-height: 1.05;
        letter-spacing: -0.03em;
        text-wrap: balance;
      }

      .text {
        display: flex;
        flex-direction: column;
        gap: clamp(16px, 1.6vw, 32px);
        justify-content: center;
      }

      .lead {
        max-width: 42ch;
        font-size: clamp(16px, 1.15vw, 22px);
        line-height: 1.5;
        text-wrap: pretty;
      }

      .target {
        display: flex;
        flex-wrap: wrap;
        gap: 12px 20px;
        align-items: center;
        max-width: 620px;
        padding: 20px;
        border: 2px dashed var(--line-strong);
        border-radius: var(--radius);
        background: var(--surface);
      }

      .target b {
        flex: 1 1 14ch;
        font-size: 1.0625rem;
        font-weight: 600;
      }

      .target .primary {
        min-height: 44px;
        padding: 0 20px;
        font-size: 1rem;
        white-space: nowrap;
      }

      .kinds {
        flex-basis: 100%;
        font-size: 0.8125rem;
      }

      figure {
        align-self: center;
        max-width: 1120px;
      }

      latent-compare {
        aspect-ratio: 16 / 10;
      }

      figcaption {
        margin-top: 8px;
        font-size: 0.8125rem;
        text-wrap: pretty;
      }

      .samples {
        grid-column: 1 / -1;
      }

      h3 {
        margin-bottom: 12px;
        font-size: 0.875rem;
        font-weight: 600;
      }

      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(clamp(128px, 10vw, 200px), 1fr));
        align-items: start;
        gap: 20px 16px;
      }

      .sample {
        display: block;
        width: 100%;
        height: 100%;
        padding: 0;
        border: 0;
        text-align: left;
      }

      .sample:hover:not(:disabled) {
        background: none;
      }

      .sample:hover img {
        outline: 2px solid var(--accent);
        outline-offset: 2px;
      }

      .sample:hover .format {
        text-decoration: underline;
        text-underline-offset: 3px;
      }

      .sample img {
        display: block;
        width: 100%;
        height: auto;
        aspect-ratio: 4 / 3;
        object-fit: cover;
        background: var(--stage);
      }

      .sample b {
        display: block;
        margin-top: 8px;
        font-weight: 600;
      }

      .sample span {
        display: block;
        font-size: 0.8125rem;
        line-height: 1.4;
        font-stretch: var(--narrow);
      }

      @media (max-width: 56.25em) {
        :host {
          grid-template-columns: minmax(0, 1fr);
          gap: 28px;
          align-content: start;
          padding-block: 24px;
        }
      }

      @media (max-width: 30em) {
        ul {
          grid-template-columns: 1fr 1fr;
        }

        .target .primary {
          flex: 1;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.samples = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  protected override render() {
    return html`
      <section class="text">
        <h2>Drop a latent, get the larger picture</h2>
        <p class="lead">
          For pictures that you generate: their latent becomes 2 or 4 times as large in one step, and is decoded once,
          in this page. Nothing is uploaded.
        </p>
        <div class="target">
          <b>Drop files here</b>
          <button class="primary" @click=${this.#pick}>Choose files</button>
          <p class="soft kinds">
            ComfyUI .latent, .safetensors, .npy, .npz or .pt, from SD 1.5, SDXL, SD 3, FLUX.1 or FLUX.2; or a picture.
            Anywhere on the page will do, and pasting too.
          </p>
        </div>
      </section>
      ${this.#renderExample()}
      <section class="samples" aria-labelledby="samples">
        <h3 id="samples">Or start with a sample</h3>
        <ul>
          ${this.samples.map((sample) => this.#renderSample(sample))}
        </ul>
      </section>
    `;
  }

  /** What came of the first sample; scripts/screenshot.ts makes the two pictures. */
  #renderExample() {
    return html`
      <figure>
        <latent-compare plain subject="Raccoon">
          <img slot="left" src=${sampleUrl('welcome-left.webp')} alt="Bicubic" />
          <img slot="right" src=${sampleUrl('welcome-right.webp')} alt="LUA" />
        </latent-compare>
        <figcaption class="soft">
          A part of the raccoon below: one FLUX.1 latent, enlarged twice by bicubic interpolation and by LUA, and decoded
          by the same decoder. Drag the line.
        </figcaption>
      </figure>
    `;
  }

  #renderSample(sample: Sample) {
    const [, height, width] = sample.latent;
    return html`
      <li>
        <button
          class="sample"
          data-file=${sample.file}
          title="${sample.source}, ${sample.licence}"
          @click=${() => this.#open(sample)}
        >
          <img src=${sampleUrl(sample.thumbnail)} alt=${sample.alt} width="288" height="216" />
          <b>${sample.name}</b>
          <span>${FAMILY_LABELS[sample.family]}, ${formatSize(width * STRIDE, height * STRIDE)} px</span>
          <span class="soft format">${sample.format}, ${formatBytes(sample.bytes)}</span>
        </button>
      </li>
    `;
  }

  async #load(): Promise<void> {
    try {
      this.samples = await listSamples();
    } catch (thrown) {
      this.session.notify(toLeapError(thrown));
    }
  }

  async #open(sample: Sample): Promise<void> {
    try {
      const file = await fetchSample(sample.file);
      this.session.add([{ name: file.name, input: file }]);
    } catch (thrown) {
      this.session.notify(toLeapError(thrown));
    }
  }

  readonly #pick = async (): Promise<void> => {
    const files = await pickFiles();
    this.session.add(files.map((file) => ({ name: file.name, input: file })));
  };
}

customElements.define('leap-welcome', LeapWelcome);
