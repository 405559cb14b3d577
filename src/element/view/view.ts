import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { PictureSize } from '../sides';
import {
  CRISP_ABOVE,
  canPan,
  clampViewport,
  type Frame,
  fitViewport,
  panBy,
  place,
  resizeViewport,
  type Viewport,
  zoomAt,
} from './viewport';

/** Narrower pictures, in CSS pixels, have no room for labels. */
const NARROW = 72;

interface Host extends ReactiveControllerHost {
  renderRoot: ParentNode;
  /** What the pictures are of: another one starts fitted. */
  topic: unknown;
  /** The size of both pictures: a smaller one is shown at the size of the other. */
  readonly pictureSize: PictureSize | undefined;
  /** Without a bar that says how large it is shown. */
  readonly plain: boolean;
  /** It follows a finger. */
  readonly loupe: boolean;
}

/** A position in CSS pixels. */
export interface Point {
  x: number;
  y: number;
}

/** A place in a picture, 0..1 of its width and height. */
export interface PicturePoint {
  u: number;
  v: number;
}

/** The one view through which all `.pane`s of an element are seen: moves it, and lays their `.picture`s out by it. */
export class View implements ReactiveController {
  viewport: Viewport = { zoom: 1, x: 0, y: 0, fitted: true };
  readonly #host: Host;
  #shown: { topic: unknown; width: number; height: number } | undefined;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
  }

  hostUpdated(): void {
    this.#showNewPicture();
    const frame = this.frame();
    if (!frame) return;
    const box = place(this.viewport, frame);
    const stage = this.#stage;
    // A finger that has nothing to pan scrolls the page past the stage.
    stage.style.touchAction = this.#host.loupe || canPan(this.viewport, frame) ? 'none' : 'pan-y';
    // Where the visible part of the picture lies in its pane, for what stands on it.
    stage.toggleAttribute('data-narrow', box.width < NARROW);
    stage.style.setProperty('--inset-top', `${Math.max(box.top, 0)}px`);
    stage.style.setProperty('--inset-left', `${Math.max(box.left, 0)}px`);
    stage.style.setProperty('--inset-right', `${Math.max(frame.pane.width - box.left - box.width, 0)}px`);
    for (const picture of this.#host.renderRoot.querySelectorAll<HTMLElement>('.picture')) {
      Object.assign(picture.style, {
        left: `${box.left}px`,
        top: `${box.top}px`,
        width: `${box.width}px`,
        height: `${box.height}px`,
      });
      picture.classList.toggle('crisp', this.viewport.zoom > CRISP_ABOVE);
    }
  }

  get #stage(): HTMLElement {
    return this.#host.renderRoot.querySelector<HTMLElement>('.stage')!;
  }

  /** @returns undefined as long as there is nothing to see. */
  frame(): Frame | undefined {
    const picture = this.#host.pictureSize;
    const pane = this.#host.renderRoot.querySelector('.pane')?.getBoundingClientRect();
    if (!picture || !pane?.width || !pane.height) return undefined;
    const { width, height } = pane;
    return { pane: { width, height }, picture, ratio: devicePixelRatio, asImage: this.#host.plain };
  }

  /** Whether there is more of the picture than is seen. */
  canPan(): boolean {
    const frame = this.frame();
    return frame !== undefined && canPan(this.viewport, frame);
  }

  /** After the panes have changed their size. */
  settle(): void {
    this.#move((viewport) => viewport);
  }

  fit(): void {
    this.#move((_, frame) => fitViewport(frame));
  }

  zoomBy(factor: number): void {
    this.#move((viewport, frame) => zoomAt(viewport, factor, { x: 0, y: 0 }, frame));
  }

  /** @param at in client coordinates; what is there stays there */
  zoomByAt(factor: number, at: Point): void {
    this.#move((viewport, frame) => zoomAt(viewport, factor, this.#fromCentre(at), frame));
  }

  zoomTo(zoom: number): void {
    this.zoomBy(zoom / this.viewport.zoom);
  }

  pan(dx: number, dy: number): void {
    this.#move((viewport, frame) => panBy(viewport, dx, dy, frame));
  }

  /** @param at in CSS pixels from the stage's corner. @returns where it lies in the picture; undefined beside it */
  locate(at: Point): PicturePoint | undefined {
    const frame = this.frame();
    if (!frame) return undefined;
    const { left, top } = this.#stage.getBoundingClientRect();
    const { x, y } = this.#fromCentre({ x: at.x + left, y: at.y + top });
    const scale = this.viewport.zoom / frame.ratio;
    const u = (this.viewport.x + x / scale) / frame.picture.width;
    const v = (this.viewport.y + y / scale) / frame.picture.height;
    return u >= 0 && u <= 1 && v >= 0 && v <= 1 ? { u, v } : undefined;
  }

  /** Another picture starts fitted; the same one keeps its view, also at another size. */
  #showNewPicture(): void {
    const { topic, pictureSize } = this.#host;
    if (!pictureSize) return;
    const { width, height } = pictureSize;
    const shown = this.#shown;
    if (shown && shown.topic === topic && shown.width === width && shown.height === height) return;
    if (!this.frame()) return;
    this.#shown = { topic, width, height };
    if (shown && shown.topic === topic)
      this.#move((viewport) => resizeViewport(viewport, shown, pictureSize));
    else this.fit();
  }

  /** Client coordinates as an offset from the centre of the pane they are in. */
  #fromCentre(at: Point): Point {
    const panes = [...this.#host.renderRoot.querySelectorAll('.pane')].map((pane) =>
      pane.getBoundingClientRect(),
    );
    const box = panes.find((pane) => at.x < pane.right && at.y < pane.bottom) ?? panes[0]!;
    return { x: at.x - box.left - box.width / 2, y: at.y - box.top - box.height / 2 };
  }

  #move(change: (viewport: Viewport, frame: Frame) => Viewport): void {
    const frame = this.frame();
    if (!frame) return;
    const next = change(this.viewport, frame);
    this.viewport = next.fitted ? fitViewport(frame) : clampViewport(next, frame);
    this.#host.requestUpdate();
  }
}
