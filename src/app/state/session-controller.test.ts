import type { ReactiveController } from 'lit';
import { expect, test, vi } from 'vitest';
import type { Session } from './session';
import { SessionController } from './session-controller';

/** An element as far as a controller sees it. */
function makeElement(session: EventTarget) {
  const controllers: ReactiveController[] = [];
  const element = {
    session: session as Session,
    addController: (controller: ReactiveController) => controllers.push(controller),
    removeController: () => {},
    requestUpdate: vi.fn(),
    updateComplete: Promise.resolve(true),
  };
  new SessionController(element as unknown as ConstructorParameters<typeof SessionController>[0]);
  return {
    requestUpdate: element.requestUpdate,
    connect: () => controllers.forEach((controller) => void controller.hostConnected?.()),
    disconnect: () => controllers.forEach((controller) => void controller.hostDisconnected?.()),
  };
}

test('an element follows its session again once it is back in the page', () => {
  const session = new EventTarget();
  const { requestUpdate, connect, disconnect } = makeElement(session);
  const renders = () => {
    requestUpdate.mockClear();
    session.dispatchEvent(new Event('change'));
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
