import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type Drawable, SIDES, type SideId } from '../sides';
import type { PicturePoint, Point, View } from './view';

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

/**
 * Both pictures much enlarged around a place of the stage, next to each other. Draws into the `.loupe` of its host,
 * whenever that updates: what lies beneath the place changes as the view moves.
 */
export class Loupe implements ReactiveController {
  readonly #host: Host;
  readonly #view: View;
  /** CSS pixels from the stage's corner. */
  #at: Point | undefined;

  /** @param view added to the host before, so that it has laid the pictures out */
  constructor(host: Host, view: View) {
    this.#host = host;
    this.#view = view;
    host.addController(this);
  }

  /** @param at in CSS pixels from the stage's corner; nowhere: puts it away */
  show(at: Point | undefined): void {
    this.#at = at;
    this.#draw();
  }

  /** Moves it, unless that would lead beyond the picture, where it is not seen. @returns false where it is not shown */
  moveBy(dx: number, dy: number): boolean {
    const at = this.#at;
    if (!at || !this.#host.loupe) return false;
    const next = { x: at.x + dx, y: at.y + dy };
    if (this.#view.locate(next)) this.show(next);
    return true;
  }

  hostUpdated(): void {
    this.#draw();
  }

  #draw(): void {
    const box = this.#host.renderRoot.querySelector<HTMLElement>('.loupe');
    if (!box) return;
    const at = this.#at;
    const centre = at && this.#view.locate(at);
    box.hidden = !centre;
    if (!centre) return;
    place(box, at);
    const magnification = Math.max(MAGNIFICATION, Math.round(this.#view.viewport.zoom * TIMES));
    for (const side of SIDES) {
      const canvas = box.querySelector<HTMLCanvasElement>(`canvas[data-side=${side}]`);
      if (canvas) magnify(canvas, this.#host.pictureOf(side), centre, magnification);
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
