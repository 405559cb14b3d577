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
  /** Where the divider was when the pointer took hold of it. */
  #heldFrom: number | undefined;

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
      drag: (dx: number, dy: number, at: Point, first: boolean, touch: boolean) => {
        // A finger may mean the loupe, or the page that it scrolls up or down.
        const other = touch && (this.#pointed.loupe || Math.abs(dy) > Math.abs(dx));
        if (first) this.#takeHold(stage, at, !other);
        // The loupe follows a finger; what lies beneath must not go along.
        if (touch && this.#pointed.loupe && this.#heldFrom === undefined) return;
        this.#drag(stage, dx, dy, at);
      },
      dragCancelled: () => this.#letGo(),
    };
    listenForGestures(stage, handlers, signal);
    stage.addEventListener('dblclick', () => this.#toggleZoom(), { signal });
    // An image would be dragged as a file, and take the pointer away from the divider.
    stage.addEventListener('dragstart', (event) => event.preventDefault(), { signal });
    for (const type of ['pointerdown', 'pointermove'] as const) {
      stage.addEventListener(type, (event) => this.#followPointer(stage, event), { signal });
    }
    stage.addEventListener('pointerleave', () => this.#magnifier.show(undefined), { signal });
  }

  /** Shows the loupe in the middle: whoever took it by the keyboard has no pointer there. */
  centreLoupe(stage: HTMLElement): void {
    const pane = stage.querySelector('.pane')?.getBoundingClientRect();
    if (!pane) return;
    const { left, top } = stage.getBoundingClientRect();
    this.#magnifier.show({ x: pane.x + pane.width / 2 - left, y: pane.y + pane.height / 2 - top });
  }

  #toggleZoom(): void {
    const { fitted, zoom } = this.#view.viewport;
    if (!fitted) this.#view.fit();
    else this.#view.zoomTo(zoom < 1 ? 1 : 2);
  }

  #followPointer(stage: HTMLElement, event: PointerEvent): void {
    if (!this.#pointed.loupe) return;
    const { left, top } = stage.getBoundingClientRect();
    this.#magnifier.show({ x: event.clientX - left, y: event.clientY - top });
  }

  /**
   * The divider is dragged when it was taken hold of, or there is nothing to pan.
   * @param anywhere it need not be near the divider
   */
  #takeHold(stage: HTMLElement, at: Point, anywhere: boolean): void {
    const frame = this.#view.frame();
    const { mode, divider } = this.#pointed;
    const { left, width } = stage.getBoundingClientRect();
    const near = Math.abs(at.x - left - divider * width) < REACH;
    const fitted = frame !== undefined && !canPan(this.#view.viewport, frame);
    const wanted = near || (fitted && anywhere);
    this.#heldFrom = mode === 'swipe' && wanted ? divider : undefined;
  }

  #drag(stage: HTMLElement, dx: number, dy: number, at: Point): void {
    const { left, width } = stage.getBoundingClientRect();
    if (this.#heldFrom !== undefined) this.#moveDivider((at.x - left) / width);
    else this.#view.pan(dx, dy);
  }

  #letGo(): void {
    if (this.#heldFrom !== undefined) this.#moveDivider(this.#heldFrom);
    this.#heldFrom = undefined;
  }
}
