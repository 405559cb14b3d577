import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { PageEvents, PageState } from './page-state';

/** What an element does when the page fires one of its events. */
export type PageListeners = { [K in keyof PageEvents]?: (event: PageEvents[K]) => void };

/**
 * Re-renders an element whenever its page changes, and passes on the page's other events. Make it in the
 * element's constructor: it follows the page as long as the element is connected, however often that happens.
 */
export class PageController implements ReactiveController {
  readonly #host: ReactiveControllerHost & { page: PageState };
  readonly #listeners: PageListeners;
  #connection = new AbortController();

  constructor(host: ReactiveControllerHost & { page: PageState }, listeners: PageListeners = {}) {
    this.#host = host;
    this.#listeners = { change: () => host.requestUpdate(), ...listeners };
    host.addController(this);
  }

  hostConnected(): void {
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    for (const [name, listener] of Object.entries(this.#listeners)) {
      this.#host.page.addEventListener(name, listener as EventListener, { signal });
    }
  }

  hostDisconnected(): void {
    this.#connection.abort();
  }
}
