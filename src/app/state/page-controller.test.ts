import type { ReactiveController } from 'lit';
import { expect, test, vi } from 'vitest';
import { PageController } from './page-controller';
import type { PageState } from './page-state';

/** An element as far as a controller sees it. */
function makeElement(page: EventTarget) {
  const controllers: ReactiveController[] = [];
  const element = {
    page: page as PageState,
    addController: (controller: ReactiveController) => controllers.push(controller),
    removeController: () => {},
    requestUpdate: vi.fn(),
    updateComplete: Promise.resolve(true),
  };
  new PageController(element as unknown as ConstructorParameters<typeof PageController>[0]);
  return {
    requestUpdate: element.requestUpdate,
    connect: () => controllers.forEach((controller) => void controller.hostConnected?.()),
    disconnect: () => controllers.forEach((controller) => void controller.hostDisconnected?.()),
  };
}

test('an element follows the state of the page again once it is connected again', () => {
  const page = new EventTarget();
  const { requestUpdate, connect, disconnect } = makeElement(page);
  const renders = () => {
    requestUpdate.mockClear();
    page.dispatchEvent(new Event('change'));
    return requestUpdate.mock.calls.length;
  };
  expect(renders()).toBe(0);
  connect();
  expect(renders()).toBe(1);
  disconnect();
  expect(renders()).toBe(0);
  connect();
  // Once, not once for each time that it was connected.
  expect(renders()).toBe(1);
});
