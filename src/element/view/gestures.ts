/** What a pointer, a wheel or two fingers ask of the stage; positions in client coordinates. */
export interface GestureHandlers {
  /** A drag: `first` on its first event; `touch`: by one finger, which may as well be about to scroll the page. */
  drag(dx: number, dy: number, at: { x: number; y: number }, first: boolean, touch: boolean): void;
  /** The browser has taken the pointer to scroll the page: what was dragged goes back. */
  dragCancelled(): void;
  /** Whether a wheel zooms; if not, the page scrolls by it. */
  wantsWheel(event: WheelEvent): boolean;
  /** Zoom by `factor` around `at`. */
  zoom(factor: number, at: { x: number; y: number }): void;
}

/** Wheel deltas in lines or pages, in pixels (Firefox sends lines). */
const WHEEL_UNITS = [1, 16, 400];

/** Zoom per pixel of wheel travel: one notch of 100 pixels is about a fifth. */
const WHEEL_RATE = 0.0018;

/** A trackpad's pinch arrives as a wheel with ctrl and small deltas. */
const PINCH_RATE = 0.012;

/** Listens on `target` until the signal is aborted. */
export function listenForGestures(target: HTMLElement, handlers: GestureHandlers, signal: AbortSignal): void {
  const pointers = new Map<number, { x: number; y: number }>();
  let dragging = false;

  target.addEventListener(
    'wheel',
    (event) => {
      if (!handlers.wantsWheel(event)) return;
      event.preventDefault();
      const pixels = event.deltaY * (WHEEL_UNITS[event.deltaMode] ?? 1);
      const rate = event.ctrlKey ? PINCH_RATE : WHEEL_RATE;
      handlers.zoom(Math.exp(-pixels * rate), { x: event.clientX, y: event.clientY });
    },
    { passive: false, signal },
  );

  target.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      target.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      dragging = false;
    },
    { signal },
  );

  target.addEventListener(
    'pointermove',
    (event) => {
      const last = pointers.get(event.pointerId);
      if (!last) return;
      const now = { x: event.clientX, y: event.clientY };
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) pinch(last, now, other);
      else handlers.drag(now.x - last.x, now.y - last.y, now, !dragging, event.pointerType === 'touch');
      dragging = true;
      pointers.set(event.pointerId, now);
    },
    { signal },
  );

  const release = (event: PointerEvent) => pointers.delete(event.pointerId);
  target.addEventListener('pointerup', release, { signal });
  target.addEventListener(
    'pointercancel',
    (event) => {
      release(event);
      handlers.dragCancelled();
    },
    { signal },
  );

  /** One finger moved while the other stood still: zoom by the change of distance, pan by half the way. */
  function pinch(last: Point, now: Point, other: Point): void {
    const before = Math.hypot(last.x - other.x, last.y - other.y);
    const after = Math.hypot(now.x - other.x, now.y - other.y);
    const centre = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    if (before > 0) handlers.zoom(after / before, centre);
    handlers.drag((now.x - last.x) / 2, (now.y - last.y) / 2, centre, false, false);
  }
}

interface Point {
  x: number;
  y: number;
}
