/** CSS pixels to the anchor, and to the window's edges. */
const GAP = 6;
const MARGIN = 8;

/** With less room than this under the button, the panel may lie over it. CSS pixels. */
const LEAST_ROOM = 320;

/** Places an open popover under its button, right edges aligned, inside the window. It scrolls if it is too high. */
export function placePanel(panel: HTMLElement, anchor: DOMRect): void {
  const left = Math.min(anchor.right - panel.offsetWidth, innerWidth - MARGIN - panel.offsetWidth);
  const below = anchor.bottom + GAP;
  const height = Math.min(Math.max(panel.scrollHeight, panel.offsetHeight), innerHeight - 2 * MARGIN);
  const roomy = innerHeight - below - MARGIN >= Math.min(height, LEAST_ROOM);
  const top = roomy ? below : Math.max(innerHeight - MARGIN - height, MARGIN);
  panel.style.left = `${Math.max(left, MARGIN)}px`;
  panel.style.top = `${top}px`;
  panel.style.maxHeight = `${innerHeight - top - MARGIN}px`;
}
