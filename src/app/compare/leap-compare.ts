import { html, nothing } from 'lit';
import type { Method } from '../../client';
import { LeapElement } from '../elements/leap-element';
import '../elements/leap-side-label';
import { type CompareKey, readCompareKey, wantsKeys } from '../keys';
import { currentRun, type Item, METHOD_LABELS, METHODS, pictureSize } from '../state/item';
import type { Session } from '../state/session';
import { SessionController } from '../state/session-controller';
import { segmented, shared } from '../styles/shared';
import { compareStyles } from './compare-styles';
import { listenForGestures } from './gestures';
import { type BarActions, type Mode, renderBar } from './render-bar';
import {
  canPan,
  clampViewport,
  type Frame,
  fitViewport,
  panBy,
  place,
  type Viewport,
  zoomAt,
} from './viewport';

const DIVIDER_STEP = 0.02;

/** Bicubic and LUA of one latent, seen through one viewport: swiped, side by side, or flipped. */
export class LeapCompare extends LeapElement {
  static override properties = {
    session: { attribute: false },
    item: { attribute: false },
    mode: { state: true },
    front: { state: true },
    divider: { state: true },
    viewport: { state: true },
  };

  static override styles = [shared, segmented, compareStyles];

  declare session: Session;
  declare item: Item;
  declare private mode: Mode;
  /** The side that is seen when flipping. */
  declare private front: Method;
  /** Place of the divider, 0..1 of the stage's width. */
  declare private divider: number;
  declare private viewport: Viewport;
  #shown = '';
  #draggingDivider = false;
  #alive = new AbortController();

  constructor() {
    super();
    this.mode = 'swipe';
    this.front = 'lua';
    this.divider = 0.5;
    this.viewport = { zoom: 1, x: 0, y: 0, fitted: true };
  }

  override connectedCallback(): void {
    new SessionController(this);
    super.connectedCallback();
    this.#alive = new AbortController();
    document.addEventListener('keydown', this.#onKey, { signal: this.#alive.signal });
    const observer = new ResizeObserver(() => this.#move((viewport) => viewport));
    observer.observe(this);
    this.#alive.signal.addEventListener('abort', () => observer.disconnect());
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
    const run = currentRun(this.item);
    const size = pictureSize(this.item);
    return html`
      <div class="labels ${this.mode}">
        ${METHODS.map(
          (method) => html`<leap-side-label
            class=${this.mode === 'flip' && method !== this.front ? 'behind' : ''}
            method=${method}
            .method=${method}
            .side=${run[method]}
            .size=${size}
          ></leap-side-label>`,
        )}
      </div>
      <div class="stage ${this.mode}" tabindex="0" role="group" aria-label=${this.#describe()}>
        ${METHODS.map((method) => this.#renderPane(method))} ${this.mode === 'swipe' ? this.#renderDivider() : nothing}
      </div>
      ${renderBar(this.mode, this.viewport, this.#actions)}
    `;
  }

  #renderPane(method: Method) {
    const side = currentRun(this.item)[method];
    const canvas = side.state === 'done' ? side.outcome.canvas : this.item.previews?.[method];
    const what = side.state === 'done' ? METHOD_LABELS[method] : `${METHOD_LABELS[method]}, rough preview`;
    return html`
      <div class="pane" data-method=${method} ?data-behind=${this.mode === 'flip' && method !== this.front}>
        <div class="picture" role="img" aria-label="${this.item.name}: ${what}" ?data-preview=${side.state !== 'done'}>
          ${canvas}
        </div>
      </div>
    `;
  }

  #renderDivider() {
    return html`
      <div
        class="divider"
        role="slider"
        tabindex="0"
        aria-label="Divider between bicubic and LUA"
        aria-orientation="horizontal"
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${Math.round(this.divider * 100)}
        aria-valuetext="${Math.round(this.divider * 100)} percent bicubic"
        @keydown=${this.#onDividerKey}
      >
        <span class="grip"></span>
      </div>
    `;
  }

  protected override updated(): void {
    this.#showNewPicture();
    const stage = this.#stage;
    stage.style.setProperty('--divider', `${this.divider * 100}%`);
    const frame = this.#frame();
    if (!frame) return;
    const box = place(this.viewport, frame);
    for (const picture of stage.querySelectorAll<HTMLElement>('.picture')) {
      Object.assign(picture.style, {
        left: `${box.left}px`,
        top: `${box.top}px`,
        width: `${box.width}px`,
        height: `${box.height}px`,
      });
      picture.classList.toggle('crisp', this.viewport.zoom > 1);
    }
  }

  /** Another picture or another size starts fitted; the same picture keeps its view. */
  #showNewPicture(): void {
    const size = pictureSize(this.item);
    const shown = `${this.item.id} ${size?.width} ${size?.height}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#fit();
  }

  get #stage(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.stage')!;
  }

  #frame(): Frame | undefined {
    const picture = pictureSize(this.item);
    const pane = this.renderRoot.querySelector('.pane')?.getBoundingClientRect();
    if (!picture || !pane?.width || !pane.height) return undefined;
    return { pane: { width: pane.width, height: pane.height }, picture, ratio: devicePixelRatio };
  }

  #describe(): string {
    return `Comparison of ${this.item.name}. F flips, S swipes, D shows both, plus and minus zoom, arrows pan, 0 fits.`;
  }

  #listen(): void {
    const handlers = {
      zoom: (factor: number, at: Point) => {
        this.#move((viewport, frame) => zoomAt(viewport, factor, this.#fromCentre(at), frame));
      },
      drag: (dx: number, dy: number, at: Point, first: boolean) => this.#drag(dx, dy, at, first),
    };
    listenForGestures(this.#stage, handlers, this.#alive.signal);
    this.#stage.addEventListener('dblclick', () => (this.viewport.fitted ? this.#zoomTo(1) : this.#fit()), {
      signal: this.#alive.signal,
    });
  }

  /** Drags the divider when it was taken hold of or there is nothing to pan; else pans. */
  #drag(dx: number, dy: number, at: Point, first: boolean): void {
    const frame = this.#frame();
    if (!frame) return;
    const { left, width } = this.#stage.getBoundingClientRect();
    if (first) {
      const near = Math.abs(at.x - left - this.divider * width) < 24;
      this.#draggingDivider = this.mode === 'swipe' && (near || !canPan(this.viewport, frame));
    }
    if (this.#draggingDivider) this.divider = clamp01((at.x - left) / width);
    else this.#move((viewport) => panBy(viewport, dx, dy, frame));
  }

  /** Client coordinates as an offset from the centre of the pane they are in. */
  #fromCentre(at: Point): Point {
    const panes = [...this.renderRoot.querySelectorAll('.pane')].map((pane) => pane.getBoundingClientRect());
    const box = panes.find((pane) => at.x < pane.right && at.y < pane.bottom) ?? panes[0]!;
    return { x: at.x - box.left - box.width / 2, y: at.y - box.top - box.height / 2 };
  }

  #move(change: (viewport: Viewport, frame: Frame) => Viewport): void {
    const frame = this.#frame();
    if (!frame) return;
    const next = change(this.viewport, frame);
    this.viewport = next.fitted ? fitViewport(frame) : clampViewport(next, frame);
  }

  readonly #fit = (): void => this.#move((_, frame) => fitViewport(frame));

  #zoomBy(factor: number): void {
    this.#move((viewport, frame) => zoomAt(viewport, factor, { x: 0, y: 0 }, frame));
  }

  #zoomTo(zoom: number): void {
    this.#zoomBy(zoom / this.viewport.zoom);
  }

  async #setMode(mode: Mode): Promise<void> {
    this.mode = mode;
    await this.updateComplete;
    // The panes have another size now.
    this.#move((viewport) => viewport);
  }

  readonly #actions: BarActions = {
    mode: (mode) => (mode === 'flip' ? this.#flip() : void this.#setMode(mode)),
    zoomBy: (factor) => this.#zoomBy(factor),
    zoomTo: (zoom) => this.#zoomTo(zoom),
    fit: () => this.#fit(),
  };

  /** The first flip shows LUA alone, each further one the other side. */
  #flip(): void {
    if (this.mode === 'flip') this.front = this.front === 'lua' ? 'bicubic' : 'lua';
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
    else if (key.do === 'fit') this.#fit();
    else if (key.do === 'actual') this.#zoomTo(1);
    else if (key.do === 'zoom') this.#zoomBy(key.factor);
    else this.#move((viewport, frame) => panBy(viewport, key.dx, key.dy, frame));
  }

  readonly #onDividerKey = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -DIVIDER_STEP, ArrowRight: DIVIDER_STEP, Home: -1, End: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.divider = clamp01(this.divider + step * (event.shiftKey ? 5 : 1));
  };
}

type Point = { x: number; y: number };

function clamp01(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}

customElements.define('leap-compare', LeapCompare);
