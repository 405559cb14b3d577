/** A size in whatever unit the field says; panes are in CSS pixels, pictures in picture pixels. */
export interface Size {
  width: number;
  height: number;
}

/** What part of a picture is seen: the same for both sides, so that they move in step. */
export interface Viewport {
  /** Device pixels per picture pixel; 1 is one to one. */
  zoom: number;
  /** The picture position (picture pixels) at the centre of each pane. */
  x: number;
  y: number;
  /** True as long as the picture follows the pane's size. */
  fitted: boolean;
}

/** A pane on a screen with `ratio` device pixels per CSS pixel, showing a picture of size `picture`. */
export interface Frame {
  pane: Size;
  picture: Size;
  ratio: number;
  /** It may fill the pane as an image on a page does, up to one CSS pixel per picture pixel. */
  asImage?: boolean;
}

export const MAX_ZOOM = 8;

/** Up to this zoom a picture is shown smoothed, beyond it with the edges of its pixels. */
export const CRISP_ABOVE = 3;

/** Device pixels: up to this side pictures are fitted larger than they are. The divider's handle hid those of 32 pixels. */
const SMALL = 128;

/**
 * The largest zoom at which the whole picture is seen. Above one to one it would only be blurred, so only a small picture is
 * shown larger, and by a whole factor.
 */
export function fitZoom({ pane, picture, ratio, asImage }: Frame): number {
  const zoom = Math.min((pane.width * ratio) / picture.width, (pane.height * ratio) / picture.height);
  const times = Math.floor(SMALL / Math.max(picture.width, picture.height));
  const most = asImage ? Math.max(ratio, 1) : Math.min(Math.max(times, 1), MAX_ZOOM);
  return Math.min(Math.max(zoom, 0.01), most);
}

/** Whether two pictures in a stage are seen larger one above the other than beside each other. CSS pixels. */
export function isLargerStacked(stage: Size, picture: Size): boolean {
  const zoom = (width: number, height: number) => Math.min(width / picture.width, height / picture.height);
  return zoom(stage.width, stage.height / 2) > zoom(stage.width / 2, stage.height);
}

export function fitViewport(frame: Frame): Viewport {
  return { zoom: fitZoom(frame), x: frame.picture.width / 2, y: frame.picture.height / 2, fitted: true };
}

/** The same part of a picture, as large on the screen, when the picture comes in another size. */
export function resizeViewport(viewport: Viewport, from: Size, to: Size): Viewport {
  const times = { x: to.width / from.width, y: to.height / from.height };
  return {
    ...viewport,
    zoom: viewport.zoom / times.x,
    x: viewport.x * times.x,
    y: viewport.y * times.y,
  };
}

/** One to one can be reached also where the fitted picture is larger. */
function leastZoom(frame: Frame): number {
  const fit = fitZoom(frame);
  return frame.asImage ? fit : Math.min(fit, 1);
}

/** Keeps the zoom between the whole picture and {@link MAX_ZOOM}, and the picture's edges out of the pane where it is larger. */
export function clampViewport(viewport: Viewport, frame: Frame): Viewport {
  const { pane, picture, ratio } = frame;
  const zoom = Math.min(Math.max(viewport.zoom, leastZoom(frame)), MAX_ZOOM);
  return {
    zoom,
    x: clampCentre(viewport.x, (pane.width * ratio) / zoom, picture.width),
    y: clampCentre(viewport.y, (pane.height * ratio) / zoom, picture.height),
    fitted: viewport.fitted,
  };
}

/** @param seen length of the pane in picture pixels */
function clampCentre(centre: number, seen: number, length: number): number {
  if (seen >= length) return length / 2;
  return Math.min(Math.max(centre, seen / 2), length - seen / 2);
}

/** Zooms by `factor`; the picture position under `at` (CSS pixels from the pane's centre) stays where it is. */
export function zoomAt(
  viewport: Viewport,
  factor: number,
  at: { x: number; y: number },
  frame: Frame,
): Viewport {
  const zoom = Math.min(Math.max(viewport.zoom * factor, leastZoom(frame)), MAX_ZOOM);
  const moved = frame.ratio / viewport.zoom - frame.ratio / zoom;
  return clampViewport(
    { zoom, x: viewport.x + at.x * moved, y: viewport.y + at.y * moved, fitted: false },
    frame,
  );
}

/** Moves the picture by CSS pixels. */
export function panBy(viewport: Viewport, dx: number, dy: number, frame: Frame): Viewport {
  const unit = frame.ratio / viewport.zoom;
  return clampViewport({ ...viewport, x: viewport.x - dx * unit, y: viewport.y - dy * unit }, frame);
}

/** Is there anything outside the pane to pan to? */
export function canPan(viewport: Viewport, { pane, picture, ratio }: Frame): boolean {
  const slack = 0.5;
  return (
    picture.width * viewport.zoom > pane.width * ratio + slack ||
    picture.height * viewport.zoom > pane.height * ratio + slack
  );
}

/** Where the picture lies in the pane, in CSS pixels, on whole device pixels so that its edges stay sharp. */
export function place(viewport: Viewport, { pane, picture, ratio }: Frame) {
  const scale = viewport.zoom / ratio;
  const snap = (value: number) => Math.round(value * ratio) / ratio;
  return {
    left: snap(pane.width / 2 - viewport.x * scale),
    top: snap(pane.height / 2 - viewport.y * scale),
    width: picture.width * scale,
    height: picture.height * scale,
  };
}
