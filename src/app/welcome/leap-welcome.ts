import { html } from 'lit';
import { toLeapError } from '../../errors';
import '../../element';
import { FAMILIES } from '../../client';
import { LATENT_ENDINGS } from '../../formats/containers';
import { joinWords } from '../../join-words';
import type { PageState } from '../state/page-state';
import { FAMILY_LABELS } from '../text/family-labels';
import { formatBytes, formatSize } from '../text/format';
import { LeapElement } from '../ui/leap-element';
import { pickFiles } from '../ui/pick-files';
import { shared } from '../ui/shared-styles';
import { fetchSample, listSamples, quickestFirst, type Sample, sampleUrl } from './samples';
import { welcomeStyles } from './welcome-styles';

/** The page before the first latent: what it does, shown by an example; where to drop files; samples. */
export class LeapWelcome extends LeapElement {
  static override properties = {
    page: { attribute: false },
    samples: { state: true },
    slow: { state: true },
  };

  declare page: PageState;
  declare private samples: readonly Sample[];
  /** Nothing but the processor will compute. */
  declare private slow: boolean;

  static override styles = [shared, welcomeStyles];

  constructor() {
    super();
    this.samples = [];
    this.slow = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  /** Gives the focus to the button that opens files. */
  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('.target button')?.focus(options);
  }

  protected override render() {
    return html`
      <section class="text">
        <h2>Drop a latent, get the larger picture</h2>
        <p class="lead">
          For pictures that you generate: their latent becomes up to 4 times as large in one step, and is decoded once,
          in this page. Nothing is uploaded.
        </p>
        <div class="target">
          <b><span class="mouse">Drop files here</span><span class="touch">Open a latent or a picture</span></b>
          <button class="primary" @click=${this.#pick}>Choose files</button>
          <p class="soft kinds">
            Latents of ${joinWords(Object.values(FAMILY_LABELS), 'or')}: ${joinWords(LATENT_ENDINGS, 'or')}. Pictures, too.
            <span class="mouse">Anywhere on the page will do, and pasting too.</span>
          </p>
          <p class="soft kinds">
            In ComfyUI, the node SaveLatent behind the sampler writes a latent into output/latents.
          </p>
        </div>
      </section>
      ${this.#renderExample()}
      <section class="samples" aria-labelledby="samples">
        <h3 id="samples">
          ${this.slow ? 'Or start with a sample: without a GPU, the first ones are the quickest' : 'Or start with a sample'}
        </h3>
        <ul>
          ${this.samples.map((sample) => this.#renderSample(sample))}
        </ul>
      </section>
    `;
  }

  /** What came of the first sample; scripts/pictures/welcome-pictures.ts makes the two pictures. */
  #renderExample() {
    return html`
      <figure>
        <latent-compare plain subject="Raccoon">
          <img slot="left" src=${sampleUrl('welcome-left.webp')} alt="Decoded, then Lanczos" />
          <img slot="right" src=${sampleUrl('welcome-right.webp')} alt="LUA" />
        </latent-compare>
        <figcaption class="soft">
          A part of the raccoon below, from one FLUX.1 latent. Left: decoded, then enlarged 2× by Lanczos. Right: enlarged 2× by
          LUA, then decoded by the same decoder. Drag the line.
        </figcaption>
      </figure>
    `;
  }

  #renderSample(sample: Sample) {
    const [, height, width] = sample.latent;
    const { stride } = FAMILIES[sample.family];
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
          <span>${FAMILY_LABELS[sample.family]}, ${formatSize(width * stride, height * stride)} px</span>
          <span class="soft format">${sample.format}, ${formatBytes(sample.bytes).replace(' ', '\u00a0')}</span>
        </button>
      </li>
    `;
  }

  async #load(): Promise<void> {
    try {
      const samples = await listSamples();
      this.slow = (await Promise.race([this.page.engine.expectBackend(), afterPatience()])) === 'wasm';
      this.samples = this.slow ? quickestFirst(samples) : samples;
    } catch (thrown) {
      this.page.notify(toLeapError(thrown));
    }
  }

  async #open(sample: Sample): Promise<void> {
    try {
      const file = await fetchSample(sample.file);
      this.page.add([{ name: file.name, input: file }]);
    } catch (thrown) {
      this.page.notify(toLeapError(thrown));
    }
  }

  readonly #pick = async (): Promise<void> => {
    const files = await pickFiles();
    this.page.add(files.map((file) => ({ name: file.name, input: file })));
  };
}

/** A browser that takes so long to say whether it has a GPU has one. */
function afterPatience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000));
}

customElements.define('leap-welcome', LeapWelcome);

declare global {
  interface HTMLElementTagNameMap {
    'leap-welcome': LeapWelcome;
  }
}
