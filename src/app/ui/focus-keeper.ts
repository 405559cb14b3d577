import type { ReactiveController, ReactiveControllerHost } from 'lit';

interface Host extends ReactiveControllerHost {
  readonly shadowRoot: ShadowRoot | null;
}

/**
 * Notices when an update of its host takes the control away that has the keyboard's focus, or disables it: browsers leave the
 * focus to nobody. Who uses a mouse expects nothing to be focused then.
 */
export class FocusKeeper implements ReactiveController {
  readonly #host: Host;
  readonly #refocus: () => void;
  #held: Element | null = null;

  /** @param refocus gives the focus to what is there instead */
  constructor(host: Host, refocus: () => void) {
    this.#host = host;
    this.#refocus = refocus;
    host.addController(this);
  }

  hostUpdate(): void {
    const held = this.#host.shadowRoot?.activeElement ?? null;
    this.#held = innermost(held)?.matches(':focus-visible') ? held : null;
  }

  hostUpdated(): void {
    if (this.#held && !canHold(this.#held)) this.#refocus();
  }
}

function canHold(element: Element): boolean {
  return element.isConnected && !element.matches(':disabled');
}

/** Whether no control of the page has the focus. A control that is disabled keeps it until the next frame. */
export function isFocusLost(): boolean {
  const focused = innermost(document.activeElement);
  return !focused || focused === document.body || !canHold(focused);
}

/** What has the focus in the shadow trees of an element that has it. */
function innermost(element: Element | null): Element | null {
  const inside = element?.shadowRoot?.activeElement;
  return inside ? innermost(inside) : element;
}

/** Of an element that has no control left for the focus: the page finds one. */
export function passFocusOn(host: EventTarget): void {
  host.dispatchEvent(new Event('focus-lost', { bubbles: true, composed: true }));
}
