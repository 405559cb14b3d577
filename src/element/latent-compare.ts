import { type CSSResultGroup, html, LitElement, nothing, type PropertyValues } from 'lit';
import type { FamilyId, Upscaler } from '../client';
import { DEFAULT_FACTOR } from '../factor';
import { barStyles } from './bar-styles';
import { type CompareKey, readCompareKey, targetNeedsKey } from './compare-keys';
import { compareStyles } from './compare-styles';
import { type ExportOptions, exportComparison } from './export/export-comparison';
import type { SideChoice, Subject } from './latent/compare-latent';
import { LatentSource } from './latent/latent-source';
import type { LatentCompareElement } from './latent-compare-element';
import type { Mode } from './modes';
import { canSubtract } from './name-difference';
import { type BarActions, renderBar } from './render-bar';
import { renderDifferenceLabel, renderDivider, renderLoupe, renderPanes } from './render-stage';
import { segmentedStyles } from './segmented-styles';
import {
  type ComparedSide,
  type Drawable,
  type HungSide,
  type PictureSize,
  SIDES,
  type SideId,
  sizeOf,
  toDrawable,
} from './sides';
import { Loupe } from './view/loupe';
import { StagePointer } from './view/stage-pointer';
import { View } from './view/view';
import { isLargerStacked } from './view/viewport';
import { watchRatio } from './view/watch-ratio';
import { visuallyHidden } from './visually-hidden';

const DIVIDER_STEPS: Partial<Record<string, number>> = {
  ArrowLeft: -0.02,
  ArrowDown: -0.02,
  ArrowRight: 0.02,
  ArrowUp: 0.02,
  PageDown: -0.1,
  PageUp: 0.1,
  Home: -1,
  End: 1,
};

/** An arrow key moves the loupe by so small a part of what it moves the pictures by. */
const LOUPE_STEPS = 4;

const NO_SIDE: ComparedSide = { label: '' };

/**
 * Two pictures of one thing, seen through one view: swiped, side by side, flipped, or their difference.
 *
 * It shows a latent, by its address in {@link src} or as {@link latent}, enlarged in two ways; or two pictures, as
 * {@link left} and {@link right} or as elements in the slots `left` and `right`.
 *
 * @fires compare-change when a person has chosen another mode, moved the divider, or taken or put away the loupe
 * @fires compare-progress, compare-done while a latent is enlarged; `detail` has the side, and the progress or the report
 * @fires compare-error when it cannot be; `detail` is the LeapError
 * @slot left, right - a picture (img or canvas)
 * @slot tools - more controls for the bar
 * @slot over - something that lies on the stage
 * @csspart stage, label, status, divider, bar
 * @cssprop --compare-accent, --compare-ground, --compare-stage, --compare-line, --compare-line-strong, --compare-ink,
 * --compare-hover, --compare-radius
 */
export class LatentCompare extends LitElement implements LatentCompareElement {
  static override properties = {
    left: { attribute: false },
    right: { attribute: false },
    size: { attribute: false },
    topic: { attribute: false },
    subject: {},
    mode: {},
    divider: { type: Number },
    loupe: { type: Boolean },
    plain: { type: Boolean },
    src: {},
    latent: { attribute: false },
    family: {},
    scale: { type: Number },
    models: {},
    ways: { attribute: false },
    upscaler: { attribute: false },
    status: { state: true },
    spoken: { state: true },
    front: { state: true },
  };

  static override styles: CSSResultGroup = [compareStyles, barStyles, segmentedStyles, visuallyHidden];

  declare left: ComparedSide | undefined;
  declare right: ComparedSide | undefined;
  declare size: PictureSize | undefined;
  declare topic: unknown;
  declare subject: string;
  declare mode: Mode;
  declare divider: number;
  declare loupe: boolean;
  declare plain: boolean;
  declare src: string;
  declare latent: Subject | undefined;
  declare family: FamilyId | undefined;
  declare scale: number;
  declare models: string;
  declare ways: Record<SideId, SideChoice>;
  declare upscaler: Upscaler | undefined;
  /** What is said on the stage while a latent is enlarged, or when that failed. */
  declare status: string;
  /** What is said of it to those who listen: its start, its end, and each picture. */
  declare spoken: string;
  /** The side that is seen when flipping. */
  declare private front: SideId;
  readonly #view = new View(this);
  readonly #magnifier = new Loupe(this, this.#view);
  readonly #pointer = new StagePointer(this, this.#view, this.#magnifier, (to) => this.#moveDivider(to));
  #alive = new AbortController();
  #heldDivider = false;

  constructor() {
    super();
    this.subject = '';
    this.mode = 'swipe';
    this.front = 'right';
    this.divider = 0.5;
    this.loupe = false;
    this.plain = false;
    this.src = '';
    this.scale = DEFAULT_FACTOR;
    this.models = '';
    this.ways = { left: { method: 'pixels' }, right: { method: 'lua' } };
    this.status = '';
    this.spoken = '';
    new LatentSource(this);
  }

  /** What is shown of a side: its picture, or what is in its slot. */
  pictureOf(side: SideId): Drawable | undefined {
    return this.#sideOf(side).picture ?? this.#slotted(side);
  }

  get pictureSize(): PictureSize | undefined {
    if (this.size) return this.size;
    const sizes = SIDES.map((side) => sizeOf(this.pictureOf(side))).filter((size) => size !== undefined);
    return sizes.toSorted((a, b) => b.width - a.width)[0];
  }

  get frontSide(): SideId | undefined {
    return this.mode === 'flip' ? this.front : undefined;
  }

  toBlob(options: ExportOptions = {}): Promise<Blob> {
    const sides = SIDES.map((side) => ({ ...this.#sideOf(side), picture: this.pictureOf(side) }));
    return exportComparison({
      sides: { left: sides[0]!, right: sides[1]! },
      size: this.pictureSize,
      mode: this.mode,
      front: this.front,
      divider: this.divider,
      ...options,
    });
  }

  handleKey(event: KeyboardEvent): boolean {
    const key = readCompareKey(event);
    // With nothing to move, arrows scroll the page.
    if (!key || (key.do === 'pan' && !this.#moveBy(key))) return false;
    event.preventDefault();
    if (key.do !== 'pan') this.#obey(key);
    return true;
  }

  /** Gives the focus to the pictures. */
  override focus(options?: FocusOptions): void {
    // Before the first update there is none.
    this.renderRoot?.querySelector<HTMLElement>('.stage')?.focus(options);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#alive = new AbortController();
    this.addEventListener('keydown', (event) => !targetNeedsKey(event) && this.handleKey(event), {
      signal: this.#alive.signal,
    });
    if (this.hasUpdated) this.#listen();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#alive.abort();
  }

  protected override firstUpdated(): void {
    this.#listen();
  }

  protected override render() {
    const { mode, loupe, subject, front, divider } = this;
    const sides = { left: this.#sideOf('left'), right: this.#sideOf('right') };
    const empty = !SIDES.some((side) => this.pictureOf(side));
    return html`
      <div class="frame">
        <div class="stage ${mode}" part="stage" tabindex="0" role="group" aria-label=${this.#describe()}>
          <div class="panes" ?data-withheld=${mode === 'difference' && !canSubtract(sides)}>${renderPanes({ sides, subject, mode, front, empty }, this.#onSlot)}</div>
          ${mode === 'difference' && !empty ? renderDifferenceLabel(sides) : nothing}
          ${mode === 'swipe' && !empty ? renderDivider(sides, divider, this.#onDividerKey) : nothing}
          ${loupe ? renderLoupe() : nothing}
          ${this.status ? html`<p class="tag status" part="status">${this.status}</p>` : nothing}
          <slot name="over"></slot>
        </div>
        <p class="visually-hidden" role="status">${this.spoken}</p>
        ${this.plain ? nothing : renderBar({ mode, loupe, viewport: this.#view.viewport }, this.#actions)}
      </div>
    `;
  }

  /** The divider is only there in one mode. Who held it goes on with the pictures. */
  protected override willUpdate(): void {
    this.#heldDivider = this.#hasDivider && this.shadowRoot?.activeElement?.part.contains('divider') === true;
  }

  protected override updated(changed: PropertyValues): void {
    if (this.#heldDivider && !this.#hasDivider) this.focus();
    this.#stage.style.setProperty('--divider', `${this.divider * 100}%`);
    // The panes may have another size now.
    if (this.#layOutPair() || changed.has('mode')) this.#view.settle();
  }

  /** @returns whether the two of a pair lie otherwise now */
  #layOutPair(): boolean {
    const { pictureSize } = this;
    if (!pictureSize) return false;
    const stage = this.#stage;
    const { clientWidth: width, clientHeight: height } = stage;
    const stacked = isLargerStacked({ width, height }, pictureSize);
    const changed = stacked !== stage.hasAttribute('data-stacked');
    stage.toggleAttribute('data-stacked', stacked);
    return changed && this.mode === 'pair';
  }

  get #hasDivider(): boolean {
    return this.renderRoot?.querySelector('.divider') != null;
  }

  get #stage(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.stage')!;
  }

  #sideOf(side: SideId): HungSide {
    const shown = this[side] ?? { ...NO_SIDE, label: this.#slotted(side)?.getAttribute('alt') ?? '' };
    return { ...shown, picture: toDrawable(shown.picture) };
  }

  #slotted(side: SideId): Drawable | undefined {
    const found = this.querySelector(`:scope > [slot=${side}]`);
    return found instanceof HTMLImageElement || found instanceof HTMLCanvasElement ? found : undefined;
  }

  /** An image says its size when it has loaded. */
  readonly #onSlot = (): void => {
    for (const side of SIDES) {
      const picture = this.#slotted(side);
      if (picture instanceof HTMLImageElement && !picture.complete) {
        picture.addEventListener('load', () => this.requestUpdate(), { once: true });
      }
    }
    this.requestUpdate();
  };

  #describe(): string {
    const of = this.subject ? ` of ${this.subject}` : '';
    return `Comparison${of}. F flips, S swipes, D shows both, X shows the difference, L magnifies, plus and minus zoom, arrows pan, 0 fits.`;
  }

  #listen(): void {
    const { signal } = this.#alive;
    const stage = this.#stage;
    this.#pointer.listen(stage, signal);
    // The stage, not the element: what stands beside it grows and shrinks too.
    const observer = new ResizeObserver(() => {
      this.#layOutPair();
      this.#view.settle();
    });
    observer.observe(stage);
    signal.addEventListener('abort', () => observer.disconnect());
    watchRatio(() => this.#view.settle(), signal);
  }

  #moveDivider(to: number): void {
    this.divider = Math.min(Math.max(to, 0), 1);
    this.#changed();
  }

  #setMode(mode: Mode): void {
    this.mode = mode;
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('compare-change', { bubbles: true, composed: true }));
  }

  readonly #actions: BarActions = {
    mode: (mode) => (mode === 'flip' ? this.#flip() : this.#setMode(mode)),
    loupe: () => this.#toggleLoupe(),
    zoomBy: (factor) => this.#view.zoomBy(factor),
    zoomTo: (zoom) => this.#view.zoomTo(zoom),
    fit: () => this.#view.fit(),
  };

  /** The first flip shows the right side alone, each further one the other. */
  #flip(): void {
    if (this.mode === 'flip') this.front = this.front === 'right' ? 'left' : 'right';
    this.#setMode('flip');
  }

  #toggleLoupe(): void {
    this.loupe = !this.loupe;
    if (this.loupe) this.#pointer.centreLoupe(this.#stage);
    this.#changed();
  }

  /** Arrows move the pictures, or the loupe, where all of the picture is seen. @returns whether anything moved */
  #moveBy({ dx, dy }: Extract<CompareKey, { do: 'pan' }>): boolean {
    if (!this.#view.canPan()) return this.#magnifier.moveBy(-dx / LOUPE_STEPS, -dy / LOUPE_STEPS);
    this.#view.pan(dx, dy);
    return true;
  }

  #obey(key: Exclude<CompareKey, { do: 'pan' }>): void {
    if (key.do === 'flip') this.#flip();
    else if (key.do === 'mode') this.#setMode(key.mode);
    else if (key.do === 'loupe') this.#toggleLoupe();
    else if (key.do === 'fit') this.#view.fit();
    else if (key.do === 'actual') this.#view.zoomTo(1);
    else this.#view.zoomBy(key.factor);
  }

  readonly #onDividerKey = (event: KeyboardEvent): void => {
    const step = DIVIDER_STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#moveDivider(this.divider + step * (event.shiftKey ? 5 : 1));
  };
}
