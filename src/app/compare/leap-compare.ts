import { html, nothing } from 'lit';
import { LeapElement } from '../ui/leap-element';
import './leap-side-label';
import { SIDES, type SideId } from '../state/choice';
import { currentRun, type Item, pictureSize } from '../state/item';
import type { Session } from '../state/session';
import { SessionController } from '../state/session-controller';
import { nameSides } from '../text/name-sides';
import { segmented, shared } from '../ui/shared-styles';
import { compareStyles } from './compare-styles';
import { listenForGestures } from './gestures';
import { type CompareKey, readCompareKey, wantsKeys } from './keys';
import './leap-choice';
import { type BarActions, type Mode, renderBar } from './render-bar';
import { type Point, View } from './view';
import { canPan } from './viewport';

const DIVIDER_STEP = 0.02;

/** Two results of one latent, seen through one view: swiped, side by side, or flipped. */
export class LeapCompare extends LeapElement {
  static override properties = {
    session: { attribute: false },
    item: { attribute: false },
    mode: { state: true },
    front: { state: true },
    divider: { state: true },
  };

  static override styles = [shared, segmented, compareStyles];

  declare session: Session;
  declare item: Item;
  declare private mode: Mode;
  /** The side that is seen when flipping. */
  declare private front: SideId;
  /** Place of the divider, 0..1 of the stage's width. */
  declare private divider: number;
  readonly #view = new View(this);
  #draggingDivider = false;
  #alive = new AbortController();

  constructor() {
    super();
    this.mode = 'swipe';
    this.front = 'right';
    this.divider = 0.5;
  }

  override connectedCallback(): void {
    new SessionController(this);
    super.connectedCallback();
    this.#alive = new AbortController();
    document.addEventListener('keydown', this.#onKey, { signal: this.#alive.signal });
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
    const names = nameSides(this.item, this.session.shelf);
    return html`
      <div class="labels ${this.mode}">${SIDES.map((side) => this.#renderLabel(side))}</div>
      <div class="stage ${this.mode}" tabindex="0" role="group" aria-label=${this.#describe()}>
        ${SIDES.map((side) => this.#renderPane(side, names[side]))}
        ${this.mode === 'swipe' ? this.#renderDivider(names) : nothing}
      </div>
      ${renderBar(this.mode, this.#view.viewport, this.#actions)}
    `;
  }

  #renderLabel(side: SideId) {
    const { item, session } = this;
    return html`
      <div class="label ${this.mode === 'flip' && side !== this.front ? 'behind' : ''}">
        <leap-side-label
          side=${side}
          .choice=${item.choices[side]}
          .shelf=${session.shelf}
          .result=${currentRun(item)[side]}
          .size=${pictureSize(item)}
        ></leap-side-label>
        <leap-choice side=${side} .session=${session} .item=${item} .version=${{}}></leap-choice>
      </div>
    `;
  }

  #renderPane(side: SideId, name: string) {
    const result = currentRun(this.item)[side];
    const done = result.state === 'done';
    const canvas = done ? result.outcome.canvas : this.item.previews?.[side];
    return html`
      <div class="pane" data-side=${side} ?data-behind=${this.mode === 'flip' && side !== this.front}>
        <div
          class="picture"
          role="img"
          aria-label="${this.item.name}: ${name}${done ? '' : ', rough preview'}"
          ?data-preview=${!done}
        >
          ${canvas}
        </div>
      </div>
    `;
  }

  #renderDivider(names: Record<SideId, string>) {
    const percent = Math.round(this.divider * 100);
    return html`
      <div
        class="divider"
        role="slider"
        tabindex="0"
        aria-label="Divider between ${names.left} and ${names.right}"
        aria-orientation="horizontal"
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${percent}
        aria-valuetext="${percent} percent ${names.left}"
        @keydown=${this.#onDividerKey}
      >
        <span class="grip"></span>
      </div>
    `;
  }

  protected override updated(): void {
    this.#stage.style.setProperty('--divider', `${this.divider * 100}%`);
  }

  get #stage(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.stage')!;
  }

  #describe(): string {
    return `Comparison of ${this.item.name}. F flips, S swipes, D shows both, plus and minus zoom, arrows pan, 0 fits.`;
  }

  #listen(): void {
    const handlers = {
      zoom: (factor: number, at: Point) => this.#view.zoomByAt(factor, at),
      drag: (dx: number, dy: number, at: Point, first: boolean) => this.#drag(dx, dy, at, first),
    };
    listenForGestures(this.#stage, handlers, this.#alive.signal);
    const toggle = () => (this.#view.viewport.fitted ? this.#view.zoomTo(1) : this.#view.fit());
    this.#stage.addEventListener('dblclick', toggle, { signal: this.#alive.signal });
    // The stage, not the element: the labels above it grow and shrink too.
    const observer = new ResizeObserver(() => this.#view.settle());
    observer.observe(this.#stage);
    this.#alive.signal.addEventListener('abort', () => observer.disconnect());
  }

  /** Drags the divider when it was taken hold of or there is nothing to pan; else pans. */
  #drag(dx: number, dy: number, at: Point, first: boolean): void {
    const frame = this.#view.frame();
    if (!frame) return;
    const { left, width } = this.#stage.getBoundingClientRect();
    if (first) {
      const near = Math.abs(at.x - left - this.divider * width) < 24;
      this.#draggingDivider = this.mode === 'swipe' && (near || !canPan(this.#view.viewport, frame));
    }
    if (this.#draggingDivider) this.divider = clamp01((at.x - left) / width);
    else this.#view.pan(dx, dy);
  }

  async #setMode(mode: Mode): Promise<void> {
    this.mode = mode;
    await this.updateComplete;
    // The panes have another size now.
    this.#view.settle();
  }

  readonly #actions: BarActions = {
    mode: (mode) => (mode === 'flip' ? this.#flip() : void this.#setMode(mode)),
    zoomBy: (factor) => this.#view.zoomBy(factor),
    zoomTo: (zoom) => this.#view.zoomTo(zoom),
    fit: () => this.#view.fit(),
  };

  /** The first flip shows the right side alone, each further one the other. */
  #flip(): void {
    if (this.mode === 'flip') this.front = this.front === 'right' ? 'left' : 'right';
    else void this.#setMode('flip');
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (wantsKeys(event)) return;
    const key = readCompareKey(event);
    if (!key) return;
    event.preventDefault();
    this.#obey(key);
  };

  #obey(key: CompareKey): void {
    if (key.do === 'flip') this.#flip();
    else if (key.do === 'mode') void this.#setMode(key.mode);
    else if (key.do === 'fit') this.#view.fit();
    else if (key.do === 'actual') this.#view.zoomTo(1);
    else if (key.do === 'zoom') this.#view.zoomBy(key.factor);
    else this.#view.pan(key.dx, key.dy);
  }

  readonly #onDividerKey = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -DIVIDER_STEP, ArrowRight: DIVIDER_STEP, Home: -1, End: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.divider = clamp01(this.divider + step * (event.shiftKey ? 5 : 1));
  };
}

function clamp01(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}

customElements.define('leap-compare', LeapCompare);
