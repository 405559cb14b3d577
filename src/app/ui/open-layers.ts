/**
 * Dialogues and popovers that are open above the page. While there are any, every key belongs to them. The target of a
 * key does not tell, because a popover leaves the focus where it was.
 */
export const openLayers = new Set<Element>();
