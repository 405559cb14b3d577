/** CSS pixels to the anchor, and to the window's edges. */
const GAP = 6;
const MARGIN = 8;

/** Places an open popover under its button, right edges aligned, inside the window. It scrolls if it is too high. */
export function placePanel(panel: HTMLElement, anchor: DOMRect): void {
  const left = Math.min(anchor.right - panel.offsetWidth, innerWidth - MARGIN - panel.offsetWidth);
  const top = anchor.bottom + GAP;
  panel.style.left = `${Math.max(left, MARGIN)}px`;
  panel.style.top = `${top}px`;
  panel.style.maxHeight = `${Math.max(innerHeight - top - MARGIN, 160)}px`;
}
