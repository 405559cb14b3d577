import { type TransferHandler, transferHandlers } from 'comlink';
import { LeapError, type PlainError, toLeapError } from '../errors';
import { tidyText } from '../tidy-text';

let installed = false;

/**
 * Teaches Comlink to carry errors as `{code, message, detail}` and AbortSignals as ports. Both sides must call it
 * before the first message.
 */
export function installTransferHandlers(): void {
  if (installed) return;
  installed = true;
  installErrorHandler();
  transferHandlers.set('abort-signal', abortSignalHandler as TransferHandler<unknown, unknown>);
}

/** Comlink's own handler would flatten a typed error into a plain Error. */
function installErrorHandler(): void {
  const original = transferHandlers.get('throw');
  if (!original) throw new LeapError('internal', 'Comlink has no handler for thrown values.');
  const handler: TransferHandler<{ value: unknown }, PlainError> = {
    canHandle: (value): value is { value: unknown } => original.canHandle(value),
    serialize: ({ value }) => [toPlainError(value), []],
    deserialize: ({ code, message, detail }) => {
      throw new LeapError(code, message, detail);
    },
  };
  transferHandlers.set('throw', handler as TransferHandler<unknown, unknown>);
}

/** The most characters of a message. It may contain names of tensors and files, as long as their authors made them. */
const MAX_MESSAGE = 1000;

/** Details that cannot be cloned are dropped, because the error itself must always arrive. */
export function toPlainError(thrown: unknown): PlainError {
  const { code, message: text, detail } = toLeapError(thrown);
  const message = tidyText(text, MAX_MESSAGE);
  try {
    return { code, message, detail: structuredClone(detail) };
  } catch {
    return { code, message, detail: {} };
  }
}

interface WireSignal {
  aborted: boolean;
  port: MessagePort;
}

/** Comlink issue 615: a signal cannot be cloned, so a port says when it fires. */
const abortSignalHandler: TransferHandler<AbortSignal, WireSignal> = {
  canHandle: (value): value is AbortSignal => value instanceof AbortSignal,
  serialize: (signal) => {
    const { port1, port2 } = new MessageChannel();
    const forward = () => {
      port1.postMessage('abort');
      port1.close();
    };
    signal.addEventListener('abort', forward, { once: true });
    return [{ aborted: signal.aborted, port: port2 }, [port2]];
  },
  deserialize: ({ aborted, port }) => {
    const controller = new AbortController();
    if (aborted) controller.abort();
    port.onmessage = () => {
      controller.abort();
      port.close();
    };
    return controller.signal;
  },
};
