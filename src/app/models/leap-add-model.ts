import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { FamilyId, ModelPart, ModelStatus, Scale } from '../../client';
import { defined } from '../../defined';
import { LeapError, toLeapError } from '../../errors';
import { KIND_NAMES } from '../../model-kinds';
import { describeBytes } from '../text/describe-progress';
import { FAMILY_LABELS } from '../text/family-labels';
import '../ui/leap-problem';
import { ADDING } from '../state/model-shelf';
import type { PageState } from '../state/page-state';
import { KIND_USES, usableParts } from '../text/describe-part';
import { formatBytes, formatFactor } from '../text/format';
import { pickFiles } from '../ui/pick-files';
import { shared } from '../ui/shared-styles';
import { addModelStyles } from './add-model-styles';
import { offerModel } from './offer-model';
import { ShelfController } from './shelf-controller';

/** Adds a checkpoint by file or by address, and asks what its header does not tell. Fires `added` with the model as `detail`. */
export class LeapAddModel extends LitElement {
  static override properties = {
    page: { attribute: false },
    file: { attribute: false },
    parts: { attribute: false },
    asked: { state: true },
    problem: { state: true },
  };

  declare page: PageState;
  /** The file that is to be added, if one was given. */
  declare file: Blob | undefined;
  /** What was found in it. */
  declare parts: readonly ModelPart[] | undefined;
  /** The factors to choose from, where what is at the address does not say its own. */
  declare private asked: readonly Scale[] | undefined;
  declare private problem: LeapError | undefined;

  static override styles = [shared, addModelStyles];

  constructor() {
    super();
    new ShelfController(this);
  }

  /** What can be added of the file: one network, as only an encoder comes with another. */
  get #offered(): readonly ModelPart[] {
    return usableParts(this.parts ?? []);
  }

  /** Looks into a file and asks for the rest. */
  async take(file: File): Promise<void> {
    this.problem = undefined;
    try {
      this.parts = await this.page.reader.use((upscaler) => upscaler.inspectModel(file));
      this.file = file;
    } catch (thrown) {
      this.file = undefined;
      this.problem = withNothingAdded(toLeapError(thrown));
    }
  }

  /** What was refused may stand below what is seen of a dialogue. */
  protected override updated(changed: PropertyValues): void {
    if (!changed.has('problem')) return;
    this.renderRoot.querySelector('leap-problem')?.scrollIntoView({ block: 'nearest' });
  }

  protected override render() {
    const useless = this.file && !this.#offered.length;
    return html`
      <h2>${useless ? 'There is nothing to add' : this.file ? 'Add this file as a model' : 'Add a model'}</h2>
      <form @submit=${this.#submit}>
        ${this.file ? this.#renderFile() : this.#renderWays()}
        ${useless ? html`<p class="wide">${KIND_USES.encoder}</p>` : [this.#renderFamily(), this.#renderFactor()]}
        ${this.#renderEnd()}
      </form>
      ${this.problem ? html`<leap-problem .error=${this.problem} @retry=${this.#resubmit}></leap-problem>` : nothing}
    `;
  }

  #renderFile() {
    const found = this.parts?.map(({ kind, channels }) => {
      const name = KIND_NAMES[kind];
      return kind === 'enlarger' ? name : `${name} for ${channels} channels`;
    });
    return html`<p class="wide what">
      ${nameOf(this.file)}, ${formatBytes(this.file?.size ?? 0)}: ${found?.join(' and ') ?? ''}
    </p>`;
  }

  #renderWays() {
    return html`
      <p class="wide soft">
        A VAE, a TAESD or an upscaler of latents as .safetensors or .pth, or an upscaler of pictures as .onnx: choose or
        drop its file, or give its address.
      </p>
      <div class="wide ways">
        <button type="button" @click=${this.#pick}>Choose a file</button>
        <input
          name="address"
          type="url"
          required
          pattern="https://.+"
          aria-label="Address of a model"
          placeholder="https://huggingface.co/…/model.safetensors"
        />
      </div>
    `;
  }

  /** Those whose latents have as many channels as the file's networks. Pixel upscalers are for all of them. */
  #renderFamily() {
    if (this.file && this.#offered.every(({ kind }) => kind === 'enlarger')) {
      return html`<input type="hidden" name="family" value=${this.#offered[0]?.families[0] ?? ''} />`;
    }
    const fitting = this.file ? this.#offered.flatMap(({ families }) => families) : undefined;
    const families = (Object.keys(FAMILY_LABELS) as FamilyId[]).filter((id) => fitting?.includes(id) ?? true);
    const { id: guess, why } = this.#guessFamily(families);
    return html`
      <label for="family">Family</label>
      <select id="family" name="family" required>
        ${guess ? nothing : html`<option value="">Choose</option>`}
        ${families.map((id) => html`<option value=${id} ?selected=${id === guess}>${FAMILY_LABELS[id]}</option>`)}
      </select>
      ${why ? html`<p class="wide soft">${why}</p>` : nothing}
    `;
  }

  /** From the file's name, else from the latent that was opened last; nothing has to be guessed where one alone fits. */
  #guessFamily(families: readonly FamilyId[]): { id?: FamilyId | undefined; why?: string } {
    if (families.length === 1) return { id: families[0] };
    const named = this.file && this.parts?.find(({ namedFamily }) => namedFamily)?.namedFamily;
    if (named) return { id: named, why: 'A guess: its name says so.' };
    const read = this.page.items.map((item) => item.latent?.family);
    const open = read.findLast((id) => id && families.includes(id));
    if (open) return { id: open, why: 'A guess: a latent of this family is open.' };
    return this.file ? { why: 'The file does not say its family. The page it comes from does.' } : {};
  }

  /** Asked where neither the tensors nor the name say it; what the name says can be corrected. */
  #renderFactor() {
    const part = this.file ? this.parts?.find(({ askScale }) => askScale) : { askScale: this.asked };
    if (!part?.askScale) return nothing;
    const { askScale, namedScale } = part as Pick<ModelPart, 'askScale' | 'namedScale'>;
    return html`
      <label for="scale">Enlarges by</label>
      <select id="scale" name="scale" required>
        ${namedScale ? nothing : html`<option value="">Choose</option>`}
        ${askScale?.map((scale) => html`<option value=${scale} ?selected=${scale === namedScale}>${formatFactor(scale)}</option>`)}
      </select>
      <p class="wide soft">
        ${
          namedScale
            ? `Its name says ${formatFactor(namedScale)}; nothing in the file says by how much it enlarges.`
            : 'The file does not say by how much it enlarges. The page it comes from does.'
        }
      </p>
    `;
  }

  #renderEnd() {
    const download = this.page.shelf.downloads.get(ADDING);
    if (download) {
      const { done = 0, total = 0 } = download.progress ?? {};
      return html`<div class="wide end">
        <span role="status">Reading, ${describeBytes(done, total)}</span>
        <button type="button" @click=${() => this.page.shelf.cancel(ADDING)}>Cancel</button>
      </div>`;
    }
    return html`<div class="wide end">
      ${this.file ? html`<button type="button" class="link" @click=${this.#forget}>Not this file</button>` : nothing}
      ${this.file && !this.#offered.length ? nothing : html`<button class="primary">Add model</button>`}
    </div>`;
  }

  readonly #pick = async (): Promise<void> => {
    const [file] = await pickFiles();
    if (file) await this.take(file);
  };

  readonly #forget = (): void => {
    this.file = undefined;
    this.dispatchEvent(new Event('forgotten'));
  };

  readonly #resubmit = (): void => this.renderRoot.querySelector('form')?.requestSubmit();

  readonly #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    this.problem = undefined;
    const data = new FormData(event.target as HTMLFormElement);
    const family = data.get('family') as FamilyId;
    const kind = this.file && this.#offered[0]?.kind;
    const scale = Number(data.get('scale'));
    const source = this.file ?? String(data.get('address'));
    let added: ModelStatus;
    try {
      const wish = { family, ...defined({ kind, scale: scale || undefined }) };
      added = await this.page.shelf.add(source, wish);
      offerModel(this.page, added);
    } catch (thrown) {
      this.#explain(toLeapError(thrown));
      return;
    }
    this.file = undefined;
    this.asked = undefined;
    this.renderRoot.querySelector('form')?.reset();
    this.dispatchEvent(new CustomEvent('added', { detail: added }));
  };

  /** A factor that is missing is a question, not a mistake. */
  #explain(error: LeapError): void {
    const { scales } = error.detail;
    if (error.code === 'bad-option' && Array.isArray(scales)) this.asked = scales;
    else if (error.code !== 'cancelled') this.problem = withNothingAdded(error);
  }
}

/** Says that there is no model to remove, as for one that was added and then found to be broken. */
function withNothingAdded({ code, message, detail }: LeapError): LeapError {
  return new LeapError(code, message, { ...detail, added: false });
}

function nameOf(file: Blob | undefined): string {
  return file instanceof File ? file.name : 'File';
}

customElements.define('leap-add-model', LeapAddModel);
