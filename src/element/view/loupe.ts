import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type Drawable, SIDES, type SideId } from '../sides';
import type { Point } from './view';

/** CSS pixels of each half of the loupe. */
const EDGE = 132;
/** Device pixels per picture pixel in the loupe, at least. */
const MAGNIFICATION = 6;
/** It enlarges what is seen by this, at least. */
const TIMES = 2;
/** CSS pixels between the pointer and the loupe. */
const GAP = 20;

interface Host extends ReactiveControllerHost {
  renderRoot: ParentNode;
  loupe: boolean;
  pictureOf(side: SideId): Drawable | undefined;
}

/** Where in the picture the pointer is: 0..1 of its width and height. */
export interface PicturePoint {
  u: number;
  v: number;
}

/** Both pictures much enlarged around the pointer, next to each other. Draws into the `.loupe` of its host. */
export class Loupe implements ReactiveController {
  readonly #host: Host;
  #at: { stage: Point; picture: PicturePoint; magnification: number } | undefined;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
  }

  /**
   * @param stage the pointer in CSS pixels from the stage's corner
   * @param zoom device pixels per picture pixel on the stage
   */
  show(stage: Point, picture: PicturePoint, zoom: number): void {
    this.#at = { stage, picture, magnification: Math.max(MAGNIFICATION, Math.round(zoom * TIMES)) };
    this.#draw();
  }

  hide(): void {
    this.#at = undefined;
    this.#draw();
  }

  hostUpdated(): void {
    this.#draw();
  }

  #draw(): void {
    const box = this.#host.renderRoot.querySelector<HTMLElement>('.loupe');
    if (!box) return;
    const at = this.#at;
    box.hidden = !at;
    if (!at) return;
    place(box, at.stage);
    for (const side of SIDES) {
      const canvas = box.querySelector<HTMLCanvasElement>(`canvas[data-side=${side}]`);
      if (canvas) magnify(canvas, this.#host.pictureOf(side), at.picture, at.magnification);
    }
  }
}

/** Beside the pointer, on the side where there is more room. */
function place(box: HTMLElement, at: Point): void {
  const { width, height } = box.parentElement!.getBoundingClientRect();
  const left = at.x > width / 2 ? at.x - GAP - box.offsetWidth : at.x + GAP;
  const top = at.y > height / 2 ? at.y - GAP - box.offsetHeight : at.y + GAP;
  box.style.left = `${Math.min(Math.max(left, 0), Math.max(width - box.offsetWidth, 0))}px`;
  box.style.top = `${Math.min(Math.max(top, 0), Math.max(height - box.offsetHeight, 0))}px`;
}

function magnify(
  canvas: HTMLCanvasElement,
  picture: Drawable | undefined,
  { u, v }: PicturePoint,
  magnification: number,
): void {
  const edge = Math.round(EDGE * devicePixelRatio);
  if (canvas.width !== edge) {
    canvas.width = edge;
    canvas.height = edge;
  }
  const context = canvas.getContext('2d');
  if (!context || !picture) return;
  const { width, height } =
    'naturalWidth' in picture ? { width: picture.naturalWidth, height: picture.naturalHeight } : picture;
  const seen = edge / magnification;
  context.clearRect(0, 0, edge, edge);
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, u * width - seen / 2, v * height - seen / 2, seen, seen, 0, 0, edge, edge);
}
