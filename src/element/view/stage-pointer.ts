import type { Mode } from '../modes';
import { listenForGestures } from './gestures';
import type { Loupe } from './loupe';
import type { Point, View } from './view';
import { canPan } from './viewport';

/** Within so many CSS pixels of the divider a pointer takes hold of it. */
const REACH = 24;

/** What the pointer needs to know of the comparison. */
export interface Pointed {
  readonly mode: Mode;
  readonly loupe: boolean;
  readonly plain: boolean;
  /** 0..1 of the stage's width. */
  readonly divider: number;
}

/** What the pointer does on the stage: it zooms and pans, and moves the divider and the loupe. */
export class StagePointer {
  readonly #pointed: Pointed;
  readonly #view: View;
  readonly #magnifier: Loupe;
  readonly #moveDivider: (to: number) => void;
  #draggingDivider = false;

  /** @param moveDivider to a place outside of 0..1, too */
  constructor(pointed: Pointed, view: View, magnifier: Loupe, moveDivider: (to: number) => void) {
    this.#pointed = pointed;
    this.#view = view;
    this.#magnifier = magnifier;
    this.#moveDivider = moveDivider;
  }

  listen(stage: HTMLElement, signal: AbortSignal): void {
    const handlers = {
      // Without the bar it is a picture of the page, which is scrolled past.
      wantsWheel: (event: WheelEvent) => !this.#pointed.plain || event.ctrlKey,
      zoom: (factor: number, at: Point) => this.#view.zoomByAt(factor, at),
      drag: (dx: number, dy: number, at: Point, first: boolean) => this.#drag(stage, dx, dy, at, first),
    };
    listenForGestures(stage, handlers, signal);
    stage.addEventListener('dblclick', () => this.#toggleZoom(), { signal });
    // An image would be dragged as a file, and take the pointer away from the divider.
    stage.addEventListener('dragstart', (event) => event.preventDefault(), { signal });
    stage.addEventListener('pointermove', (event) => this.#moveLoupe(stage, event), { signal });
    stage.addEventListener('pointerleave', () => this.#magnifier.hide(), { signal });
  }

  #toggleZoom(): void {
    const { fitted, zoom } = this.#view.viewport;
    if (!fitted) this.#view.fit();
    else this.#view.zoomTo(zoom < 1 ? 1 : 2);
  }

  #moveLoupe(stage: HTMLElement, event: PointerEvent): void {
    if (!this.#pointed.loupe) return;
    const at = { x: event.clientX, y: event.clientY };
    const where = this.#view.locate(at);
    const { left, top } = stage.getBoundingClientRect();
    const { zoom } = this.#view.viewport;
    if (where) this.#magnifier.show({ x: at.x - left, y: at.y - top }, where, zoom);
    else this.#magnifier.hide();
  }

  /** Drags the divider when it was taken hold of or there is nothing to pan; else pans. */
  #drag(stage: HTMLElement, dx: number, dy: number, at: Point, first: boolean): void {
    const frame = this.#view.frame();
    if (!frame) return;
    const { left, width } = stage.getBoundingClientRect();
    const { mode, divider } = this.#pointed;
    if (first) {
      const near = Math.abs(at.x - left - divider * width) < REACH;
      this.#draggingDivider = mode === 'swipe' && (near || !canPan(this.#view.viewport, frame));
    }
    if (this.#draggingDivider) this.#moveDivider((at.x - left) / width);
    else this.#view.pan(dx, dy);
  }
}
