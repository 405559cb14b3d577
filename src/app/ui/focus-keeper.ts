import type { ReactiveController, ReactiveControllerHost } from 'lit';

interface Host extends ReactiveControllerHost {
  readonly shadowRoot: ShadowRoot | null;
}

/** Notices when an update of its host takes the focused control away, or disables it: browsers leave the focus to nobody. */
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
    this.#held = this.#host.shadowRoot?.activeElement ?? null;
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
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return !at || at === document.body || !canHold(at);
}

/** Of an element that has no control left for the focus: the page finds one. */
export function passFocusOn(host: EventTarget): void {
  host.dispatchEvent(new Event('focus-lost', { bubbles: true, composed: true }));
}
