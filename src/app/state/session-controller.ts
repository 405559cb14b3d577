import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Session } from './session';

/** Re-renders an element whenever its session changes. */
export class SessionController implements ReactiveController {
  readonly #host: ReactiveControllerHost & { session: Session };

  constructor(host: ReactiveControllerHost & { session: Session }) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#host.session.addEventListener('change', this.#update);
  }

  hostDisconnected(): void {
    this.#host.session.removeEventListener('change', this.#update);
  }

  readonly #update = (): void => this.#host.requestUpdate();
}
