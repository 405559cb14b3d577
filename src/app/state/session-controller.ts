import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Session, SessionEvents } from './session';

/** What an element does when the session fires one of its events. */
export type SessionListeners = { [K in keyof SessionEvents]?: (event: SessionEvents[K]) => void };

/**
 * Re-renders an element whenever its session changes, and passes on the session's other events. Make it in the
 * element's constructor: it follows the session as long as the element is connected, however often that happens.
 */
export class SessionController implements ReactiveController {
  readonly #host: ReactiveControllerHost & { session: Session };
  readonly #listeners: SessionListeners;
  #connection = new AbortController();

  constructor(host: ReactiveControllerHost & { session: Session }, listeners: SessionListeners = {}) {
    this.#host = host;
    this.#listeners = { change: () => host.requestUpdate(), ...listeners };
    host.addController(this);
  }

  hostConnected(): void {
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    for (const [name, listener] of Object.entries(this.#listeners)) {
      this.#host.session.addEventListener(name, listener as EventListener, { signal });
    }
  }

  hostDisconnected(): void {
    this.#connection.abort();
  }
}
