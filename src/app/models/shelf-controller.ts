import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { PageState } from '../state/page-state';

/** Renders an element again whenever the list of models changes, as long as the element is connected. */
export class ShelfController implements ReactiveController {
  readonly #host: ReactiveControllerHost & { page: PageState };
  readonly #update = () => this.#host.requestUpdate();

  constructor(host: ReactiveControllerHost & { page: PageState }) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#host.page.shelf.addEventListener('change', this.#update);
  }

  hostDisconnected(): void {
    this.#host.page.shelf.removeEventListener('change', this.#update);
  }
}
