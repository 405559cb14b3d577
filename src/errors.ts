/**
 * The one error type of Latent Leap. Every room throws it, and it crosses the worker as plain
 * `{ code, message, detail }`, so that callers can branch on `code` on either side.
 */
export type ErrorCode =
  /** The bytes are not in a container that can be read here. */
  | 'unknown-format'
  /** The container is recognised, but it is damaged, truncated, or lies about itself. */
  | 'damaged-file'
  /** The container is fine, but it holds something that is not supported (a dtype, code in a pickle, video). */
  | 'unsupported'
  /** The file or tensor exceeds a stated limit. */
  | 'too-large'
  /** The tensor cannot be a latent of the family asked for (channel count, rank, zero size, NaN). */
  | 'not-a-latent'
  /** More than one reading is possible; `detail.candidates` says which. */
  | 'ambiguous'
  /** The operating system does not let the file be read or written. */
  | 'file-refused'
  /** An option of the caller is out of its range. */
  | 'bad-option'
  /** No model in the catalogue does what was asked. */
  | 'no-model'
  /** A weights file, or the runtime, could not be fetched. */
  | 'download-failed'
  /** The hub gives the file only to people who have accepted its licence, on the page `detail.page`. */
  | 'gated'
  /** Models may not be fetched from this address; `detail.hosts` lists the hosts that are allowed. */
  | 'forbidden-address'
  /** A weights file arrived, but its size or its hash is not the expected one. */
  | 'hash-mismatch'
  /** A weights file lacks a tensor, or one has the wrong shape. */
  | 'bad-weights'
  /** The browser refuses to store more. */
  | 'quota'
  /** No backend is left that can run the graph. */
  | 'no-backend'
  /** The GPU device was lost, and no other one could be opened. */
  | 'device-lost'
  | 'out-of-memory'
  /** The output was NaN or flat on every backend that was tried. */
  | 'bad-output'
  | 'cancelled'
  | 'worker-died'
  | 'closed'
  | 'internal';

/** Structured-cloneable facts that belong to an error: what was expected, what came. */
export interface ErrorDetail extends Record<string, unknown> {
  /** The message says what to do, or that nothing can be done. General advice would repeat or contradict it. */
  complete?: boolean;
}

export class LeapError extends Error {
  override readonly name = 'LeapError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.detail = detail;
  }
}

/** The error as it crosses the worker boundary. */
export interface PlainError {
  code: ErrorCode;
  message: string;
  detail: ErrorDetail;
}

/** Turns anything thrown into a {@link LeapError}; a foreign error becomes `internal` with its message kept. */
export function toLeapError(thrown: unknown): LeapError {
  if (thrown instanceof LeapError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'AbortError') {
    return cancelled(thrown);
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new LeapError('internal', message, {}, { cause: thrown });
}

/** @param cause the reason of the signal, which tells a timeout from a person's wish */
export function cancelled(cause?: unknown): LeapError {
  return new LeapError('cancelled', 'The operation was cancelled.', {}, { cause });
}

/** What is told to whoever calls an upscaler after its `close()`, or still waits for it. */
export function closed(): LeapError {
  return new LeapError('closed', 'The upscaler was closed.');
}

/** Throws `cancelled` when the signal has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal.reason);
}

/**
 * What the work gives, or an error as soon as the signal is aborted. The work itself goes on, and nobody waits for it.
 * @param reason what the error is; default: `cancelled`, with the signal's reason as its cause
 * @throws LeapError of `reason`, and what the work throws
 */
export function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  reason = () => cancelled(signal?.reason),
): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(reason());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const leave = () => signal.removeEventListener('abort', abort);
    work.then(resolve, reject).finally(leave);
  });
}
