import { LeapError, toLeapError } from '../../errors';

/** Turns anything that a call of a worker threw into a {@link LeapError}; what cannot be sent becomes `bad-option`. */
export function explainCloning(thrown: unknown): LeapError {
  if (!(thrown instanceof DOMException && thrown.name === 'DataCloneError')) return toLeapError(thrown);
  if (thrown.message.includes('OffscreenCanvas')) {
    const message =
      'The canvas was handed over before, or has a context already. Each job needs a canvas of its own.';
    return new LeapError('bad-option', message, {}, { cause: thrown });
  }
  return new LeapError(
    'bad-option',
    `What was passed cannot be sent to the worker: ${thrown.message.replace(/\.?$/, '.')} ` +
      'Pass values in a typed array of your own (copy them into a new Float32Array), a latent as read() gave it and not in a proxy, ' +
      'and no functions in hints, options or latents.',
    {},
    { cause: thrown },
  );
}
