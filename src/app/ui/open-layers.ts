/**
 * Dialogues and popovers that are open above the page: while there are any, every key is theirs. A key may come from
 * outside of them (a popover leaves the focus where it was), so its target does not tell.
 */
export const openLayers = new Set<Element>();
