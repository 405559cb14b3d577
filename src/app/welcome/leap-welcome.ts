import { css, html } from 'lit';
import { toLeapError } from '../../errors';
import type { Session } from '../state/session';
import { FAMILY_LABELS } from '../text/family-labels';
import { formatBytes } from '../text/format';
import { pickFiles } from '../ui/intake';
import { LeapElement } from '../ui/leap-element';
import { shared } from '../ui/shared-styles';
import { fetchSample, listSamples, type Sample, sampleUrl } from './samples';

/** The page before the first latent: what to drop, and a contact sheet of samples. */
export class LeapWelcome extends LeapElement {
  static override properties = { session: { attribute: false }, samples: { state: true } };

  declare session: Session;
  declare private samples: readonly Sample[];

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(280px, 5fr) 8fr;
        gap: 48px clamp(32px, 6vw, 96px);
        align-content: center;
        max-width: 1240px;
        min-height: 100%;
        margin: auto;
        padding: 40px clamp(16px, 5vw, 64px);
      }

      h2 {
        font-size: clamp(32px, 4.2vw, 52px);
        font-weight: 550;
        line-height: 1.05;
        letter-spacing: -0.03em;
        text-wrap: balance;
      }

      .text {
        display: flex;
        flex-direction: column;
        gap: 20px;
        align-items: flex-start;
      }

      .lead {
        max-width: 40ch;
        font-size: 17px;
        line-height: 1.5;
        text-wrap: pretty;
      }

      .text .primary {
        min-height: 44px;
        padding: 0 20px;
        font-size: 16px;
      }

      .kinds {
        max-width: 44ch;
        font-size: 13px;
      }

      h3 {
        margin-bottom: 12px;
        font-size: 14px;
        font-weight: 600;
      }

      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(132px, 1fr));
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

      img {
        display: block;
        width: 100%;
        height: auto;
        aspect-ratio: 1;
        object-fit: cover;
        background: var(--stage);
        image-rendering: pixelated;
      }

      .sample b {
        display: block;
        margin-top: 8px;
        font-weight: 600;
      }

      .sample span {
        display: block;
        font-size: 13px;
        line-height: 1.4;
        font-stretch: var(--narrow);
      }

      @media (max-width: 900px) {
        :host {
          grid-template-columns: 1fr;
          align-content: start;
          padding-block: 28px;
        }
      }

      @media (max-width: 480px) {
        ul {
          grid-template-columns: 1fr 1fr;
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
          It is enlarged 2 or 4 times in latent space by a small network, decoded once, and shown beside the bicubic
          enlargement of the same latent. All of it happens in this page.
        </p>
        <button class="primary" @click=${this.#pick}>Choose files</button>
        <p class="soft kinds">
          ComfyUI .latent, .safetensors, .npy, .npz or .pt, from SD 1.5, SDXL, SD 3, FLUX.1 or FLUX.2, or a picture.
          Drop or paste them anywhere.
        </p>
      </section>
      <section aria-labelledby="samples">
        <h3 id="samples">Or start with a sample</h3>
        <ul>
          ${this.samples.map((sample) => this.#renderSample(sample))}
        </ul>
      </section>
    `;
  }

  #renderSample(sample: Sample) {
    const [, height, width] = sample.latent;
    return html`
      <li>
        <button class="sample" title="${sample.source}, ${sample.licence}" @click=${() => this.#open(sample)}>
          <img src=${sampleUrl(sample.thumbnail)} alt=${sample.alt} width="132" height="132" />
          <b>${sample.name}</b>
          <span>${FAMILY_LABELS[sample.family]}, ${width} × ${height}</span>
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
