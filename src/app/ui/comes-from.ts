/** Whether an event comes from an element of this name, or from within it. */
export function comesFrom(event: Event, name: string): boolean {
  return event.composedPath().some((node) => node instanceof HTMLElement && node.localName === name);
}
