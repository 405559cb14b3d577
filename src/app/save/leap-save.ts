import { html, nothing, type PropertyValues } from 'lit';
import { toLeapError } from '../../errors';
import { LATENT_OUTPUTS, type LatentOutput } from '../../latent/output/latent-outputs';
import { SIDES, type SideId } from '../state/choice';
import { currentRun, finishedOutcome, type Item, type Outcome, savedOutcome } from '../state/item';
import type { PageState } from '../state/page-state';
import { nameSides } from '../text/name-sides';
import { LeapElement } from '../ui/leap-element';
import { segmented, shared } from '../ui/shared-styles';
import { DragOut } from './drag-out';
import { nameFile, sayOtherFactor } from './name-result';
import { PICTURE_FORMATS, type PictureFormat, type PictureOptions, toPictureBlob } from './picture-blob';
import { findFinished, saveAll } from './save-all';
import { saveFile } from './save-file';
import { saveStyles } from './save-styles';
import { nameLatentFile, writeLatentFile } from './write-latent-file';

/** What the next file is saved as, too. */
const DEFAULTS: PictureOptions = { format: 'png', quality: 0.92 };

/** How long a button says that it has done its work. */
const COPIED_MS = 2500;

/**
 * Saves a finished side: as a picture, to the clipboard, by dragging it out, or as the upscaled latent; the two sides
 * as one picture; or everything that is finished.
 *
 * @fires save-comparison for the page, which knows how the two are seen; `detail` is the {@link PictureOptions}
 */
export class LeapSave extends LeapElement {
  static override properties = {
    page: { attribute: false },
    item: { attribute: false },
    version: {},
    side: { state: true },
    options: { state: true },
    saved: { state: true },
    copy: { state: true },
    told: { state: true },
  };

  declare page: PageState;
  declare item: Item;
  /** Changes with the run's states, so that this element renders again. */
  declare version: unknown;
  declare private side: SideId;
  declare private options: PictureOptions;
  /** How far saving everything has got. */
  declare private saved: { count: number; total: number } | undefined;
  /** The picture that the clipboard is to get, or has just got, for as long as the button says so. */
  declare private copy: { of: Outcome; done: boolean } | undefined;
  /** What became of saving everything, for as long as this item is selected. */
  declare private told: { message: string; open: readonly Item[] } | undefined;
  readonly #drag = new DragOut();

  static override styles = [shared, segmented, saveStyles];

  constructor() {
    super();
    this.side = 'right';
    this.options = DEFAULTS;
    this.saved = undefined;
    this.copy = undefined;
    this.told = undefined;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('item')) this.told = undefined;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#drag.forget();
  }

  protected override render() {
    const outcome = this.#outcome;
    return html`
      ${this.#renderHead()} ${this.#renderMain(outcome)}
      ${PICTURE_FORMATS[this.options.format].lossy ? this.#renderQuality() : nothing}
      ${this.#renderOtherWays(outcome)}
      <details>
        <summary>Save the latent</summary>
        ${this.#renderLatents(outcome)}
      </details>
      ${this.page.items.length > 1 ? this.#renderAll() : nothing}
    `;
  }

  readonly #askForComparison = (): void => {
    const detail = this.options;
    this.dispatchEvent(new CustomEvent('save-comparison', { detail, bubbles: true, composed: true }));
  };

  #renderHead() {
    const names = nameSides(this.item, this.page.shelf);
    return html`
      <div class="row head">
        <h2>Save</h2>
        <div class="segmented" role="group" aria-label="Which result to save">
          ${SIDES.map(
            (side) => html`<button
              title=${names[side]}
              aria-pressed=${side === this.side}
              @click=${() => {
                this.side = side;
              }}
            >
              ${names[side]}
            </button>`,
          )}
        </div>
      </div>
    `;
  }

  #renderMain(outcome: Outcome | undefined) {
    const { format } = this.options;
    const formats = Object.entries(PICTURE_FORMATS) as [PictureFormat, { label: string }][];
    return html`
      <div class="row">
        <button class="primary" ?disabled=${!outcome} @click=${() => outcome && this.#savePicture(outcome)}>
          Save ${PICTURE_FORMATS[format].label}${sayOtherFactor(this.item, outcome)}
        </button>
        <select aria-label="Format of the picture" @change=${this.#setFormat}>
          ${formats.map(
            ([id, { label }]) => html`<option
              value=${id}
              .selected=${id === format}
              ?disabled=${Boolean(outcome?.png) && id !== 'png'}
            >
              ${label}
            </option>`,
          )}
        </select>
      </div>
    `;
  }

  #renderQuality() {
    const percent = Math.round(this.options.quality * 100);
    return html`
      <label class="quality">
        Quality
        <input type="range" min="50" max="100" .value=${String(percent)} @input=${this.#setQuality} />
        <span>${percent} %</span>
      </label>
    `;
  }

  #renderOtherWays(outcome: Outcome | undefined) {
    const both = SIDES.every((side) => finishedOutcome(currentRun(this.item)[side]));
    return html`
      <div class="row">
        <button ?disabled=${!outcome} @click=${() => outcome && this.#copy(outcome)}>
          ${this.#describeCopy(outcome)}
        </button>
        <button
          ?disabled=${!both}
          title="Both pictures in one, as they are seen now, with their labels"
          @click=${this.#askForComparison}
        >
          Save comparison
        </button>
      </div>
      <div
        class="drag"
        draggable=${Boolean(outcome)}
        @pointerenter=${() => outcome && this.#drag.prepare(outcome, this.options)}
        @dragstart=${(event: DragEvent) =>
          outcome && this.#drag.start(event, outcome, nameFile(this.item, outcome, this.#ending))}
      >
        Drag the picture out from here
      </div>
    `;
  }

  #renderLatents(outcome: Outcome | undefined) {
    // Its latent is that of the file, in the old size.
    if (outcome?.choice.method === 'pixels') {
      return html`<p class="soft">
        Here the decoded picture was enlarged, not the latent. An enlarged latent comes from LUA and the others that
        work in latent space.
      </p>`;
    }
    return html`
      <div class="formats" role="group" aria-label="Save the latent as">
        ${LATENT_OUTPUTS.map(
          (output) => html`<button
            ?disabled=${!outcome}
            title=${output.title}
            @click=${() => outcome && this.#saveLatent(outcome, output)}
          >
            ${output.label}
          </button>`,
        )}
      </div>
    `;
  }

  #renderAll() {
    const { saved } = this;
    const { length } = findFinished(this.page.items, this.side);
    if (saved) return html`<p role="status">Saving ${saved.count} of ${saved.total}</p>`;
    const { message = '', open = [] } = this.told ?? {};
    return html`
      <button ?disabled=${!length} @click=${this.#saveAll}>Save all that are finished (${length})</button>
      ${message ? html`<p>${message}</p>` : nothing}
      ${open.length ? html`<button @click=${() => this.#runRest(open)}>Run the rest</button>` : nothing}
    `;
  }

  get #outcome(): Outcome | undefined {
    return savedOutcome(this.item, this.side);
  }

  get #ending(): string {
    return PICTURE_FORMATS[this.options.format].ending;
  }

  readonly #setFormat = (event: Event): void => {
    const format = (event.target as HTMLSelectElement).value as PictureFormat;
    this.options = { ...this.options, format };
  };

  readonly #setQuality = (event: Event): void => {
    this.options = { ...this.options, quality: Number((event.target as HTMLInputElement).value) / 100 };
  };

  #savePicture(outcome: Outcome): Promise<void> {
    return this.#attempt(async () =>
      saveFile(nameFile(this.item, outcome, this.#ending), await toPictureBlob(outcome, this.options)),
    );
  }

  #saveLatent(outcome: Outcome, output: LatentOutput): Promise<void> {
    return this.#attempt(async () =>
      saveFile(
        nameLatentFile(this.item, outcome, output),
        await writeLatentFile(this.page.reader, outcome.latent, output),
      ),
    );
  }

  /** Clipboards take PNG only. The promise goes in as it is: Safari asks for the write in the click itself. */
  async #copy(outcome: Outcome): Promise<void> {
    this.copy = { of: outcome, done: false };
    await this.#attempt(async () => {
      const png = toPictureBlob(outcome, { ...this.options, format: 'png' });
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
      this.page.announce('The picture is in the clipboard.');
      this.copy = { of: outcome, done: true };
    });
    const { copy } = this;
    const forget = () => {
      if (this.copy === copy) this.copy = undefined;
    };
    if (copy?.done) setTimeout(forget, COPIED_MS);
    else forget();
  }

  #describeCopy(outcome: Outcome | undefined): string {
    if (!outcome || this.copy?.of !== outcome) return 'Copy picture';
    return this.copy.done ? 'Copied' : 'Copying';
  }

  readonly #saveAll = async (): Promise<void> => {
    const { page } = this;
    const finished = findFinished(page.items, this.side);
    const { side, options } = this;
    const onSaved = (count: number) => {
      this.saved = { count, total: finished.length };
    };
    this.told = undefined;
    await this.#attempt(async () => {
      const saved = await page.keepWhile(finished, () => saveAll(finished, side, options, onSaved));
      if (!saved) return;
      const open = page.items.filter((item) => item.latent && !findFinished([item], side).length);
      const { count, name } = saved;
      const message = `${count === 1 ? '1 picture was' : `${count} pictures were`} saved to ${name}.`;
      const rest = open.length === 1 ? ' 1 is not finished.' : ` ${open.length} are not finished.`;
      this.told = { message: open.length ? message + rest : message, open };
      page.announce(this.told.message);
    });
    this.saved = undefined;
  };

  #runRest(open: readonly Item[]): void {
    this.told = undefined;
    this.page.runAll(open);
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.page.notify(toLeapError(thrown));
    }
  }
}

customElements.define('leap-save', LeapSave);
