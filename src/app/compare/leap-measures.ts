import { css, html, nothing } from 'lit';
import { toLeapError } from '../../errors';
import { SIDES, type SideId } from '../state/choice';
import { currentRun, type Item, type Outcome } from '../state/item';
import { PageController } from '../state/page-controller';
import type { PageState } from '../state/page-state';
import type { Reference } from '../state/read/reference';
import { nameSides } from '../text/name-sides';
import { LeapElement } from '../ui/leap-element';
import { pickFiles } from '../ui/pick-files';
import { shared } from '../ui/shared-styles';
import { compareWith, sizeToCompare } from './measure/compare-with';
import { readLuminance } from './measure/luminance';
import { sharpness } from './measure/measures';

/** What is measured of one picture. */
interface Measured {
  sharpness: number;
  /** Against a reference. */
  psnr?: number;
  ssim?: number;
}

/** Numbers for both pictures: sharpness, and with a reference picture how near they come to it. */
export class LeapMeasures extends LeapElement {
  static override properties = {
    page: { attribute: false },
    item: { attribute: false },
    measured: { state: true },
  };

  declare page: PageState;
  declare item: Item;
  declare private measured: Partial<Record<SideId, Measured>>;
  /** The pictures that the numbers are of. */
  #of = new Map<SideId, { canvas: HTMLCanvasElement; reference: Reference | undefined }>();

  static override styles = [
    shared,
    css`
      :host {
        position: relative;
        z-index: var(--own-drop-layer, auto);
        display: flex;
        flex-wrap: wrap;
        gap: 8px 24px;
        align-items: center;
        padding: 8px 16px;
        border-bottom: 1px solid var(--line);
        font-size: 0.8125rem;
        background: var(--ground);
      }

      table {
        border-collapse: collapse;
      }

      th,
      td {
        padding: 1px 16px 1px 0;
        font-weight: 400;
        text-align: right;
        white-space: nowrap;
      }

      th:first-child {
        text-align: left;
      }

      thead th {
        max-width: min(180px, 30vw);
        overflow: hidden;
        font-weight: 600;
        text-overflow: ellipsis;
      }

      .reference {
        display: flex;
        flex: 1 1 260px;
        flex-wrap: wrap;
        gap: 6px 12px;
        align-items: center;
      }

      .reference p {
        flex: 1 1 100%;
        text-wrap: pretty;
      }
    `,
  ];

  constructor() {
    super();
    this.measured = {};
    new PageController(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('drop', this.#onDrop);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('drop', this.#onDrop);
  }

  protected override willUpdate(): void {
    for (const side of SIDES) void this.#measure(side);
  }

  protected override render() {
    const names = nameSides(this.item, this.page.shelf);
    const reference = this.#truth;
    const row = (label: string, about: string, read: (one: Measured) => string | undefined) => html`
      <tr>
        <th scope="row" title=${about}>${label}</th>
        ${SIDES.map((side) => html`<td>${(this.measured[side] && read(this.measured[side])) ?? (this.#outcomeOf(side)?.png ? '–' : '…')}</td>`)}
      </tr>
    `;
    return html`
      <table>
        <thead>
          <tr>
            <th><span class="visually-hidden">Measure</span></th>
            ${SIDES.map((side) => html`<th scope="col">${names[side]}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${row('Sharpness', 'How much neighbouring pixels differ, of 255. Noise counts too.', (one) => one.sharpness.toFixed(2))}
          ${
            reference
              ? html`${row('PSNR', 'Higher is nearer to the reference.', ({ psnr: value }) => formatDb(value))}
                ${row('SSIM', '1 is the reference itself.', ({ ssim: value }) => value?.toFixed(4))}`
              : nothing
          }
        </tbody>
      </table>
      <div class="reference">
        <button @click=${this.#pick}>${reference ? 'Another reference' : 'Choose a reference picture'}</button>
        ${reference ? html`<button class="quiet" @click=${this.#forget}>Remove it</button>` : nothing}
        <p class="soft">${reference ? this.#describe(reference) : 'Or drop here what the picture should look like: PSNR and SSIM say how near both come to it.'}</p>
      </div>
    `;
  }

  get #truth(): Reference | undefined {
    const { reference } = this.item;
    return reference?.truth ? reference : undefined;
  }

  #describe(reference: Reference) {
    const { label, width, height } = reference;
    const outcome = SIDES.map((side) => this.#outcomeOf(side)).find(Boolean);
    if (outcome?.png) return `${label}. Pictures as large as these are shown reduced, and are not measured.`;
    const size = outcome && sizeToCompare(outcome.canvas, reference);
    const isReduced = size && size.width < outcome.canvas.width;
    const isScaled = size && (size.width !== width || size.height !== height);
    const how = isReduced ? 'compared at' : 'scaled to';
    const scaled = isScaled ? `, ${how} ${size.width} × ${size.height}` : '';
    const facts = `${label}, ${width} × ${height} px${scaled}. Only the luminance is compared.`;
    const stretched = size && !isSameShape(reference, size);
    return stretched
      ? html`${facts} <b>It has another shape, so it is stretched, and the numbers mean little.</b>`
      : facts;
  }

  #outcomeOf(side: SideId): Outcome | undefined {
    const result = currentRun(this.item)[side];
    return result.state === 'done' ? result.outcome : undefined;
  }

  /** Once for every picture, and again with another reference. */
  async #measure(side: SideId): Promise<void> {
    const outcome = this.#outcomeOf(side);
    // Of a streamed picture there is only every so many-th pixel.
    if (!outcome || outcome.png) {
      this.#of.delete(side);
      if (this.measured[side]) this.#note(side, undefined);
      return;
    }
    const { canvas } = outcome;
    const reference = this.#truth;
    const before = this.#of.get(side);
    if (before?.canvas === canvas && before.reference === reference) return;
    const asked = { canvas, reference };
    this.#of.set(side, asked);
    const own = { width: canvas.width, height: canvas.height };
    const measured = {
      sharpness: sharpness(readLuminance(canvas, own)),
      ...(reference ? await compareWith(canvas, reference) : {}),
    };
    if (this.#of.get(side) === asked) this.#note(side, measured);
  }

  #note(side: SideId, measured: Measured | undefined): void {
    const { [side]: _, ...rest } = this.measured;
    this.measured = measured ? { ...rest, [side]: measured } : rest;
  }

  readonly #pick = async (): Promise<void> => {
    const [file] = await pickFiles();
    if (file) await this.#take(file);
  };

  readonly #forget = (): void => void this.page.setReference(this.item, undefined);

  /** Prevented here, the drop does not become an entry of the queue. */
  readonly #onDrop = (event: DragEvent): void => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    void this.#take(file);
  };

  async #take(file: File): Promise<void> {
    try {
      await this.page.setReference(this.item, file);
    } catch (thrown) {
      this.page.notify(toLeapError(thrown));
    }
  }
}

/** Up to what rounding to whole pixels does. */
function isSameShape(a: { width: number; height: number }, b: typeof a): boolean {
  return Math.abs((a.width * b.height) / (a.height * b.width) - 1) < 0.01;
}

function formatDb(value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  return Number.isFinite(value) ? `${value.toFixed(2)} dB` : 'equal';
}

customElements.define('leap-measures', LeapMeasures);
