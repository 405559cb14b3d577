import { type ErrorDetail, LeapError } from '../../errors';

/** Whether a store refused something for lack of room. */
export function isQuotaError(thrown: unknown): boolean {
  if (thrown instanceof LeapError) return thrown.code === 'quota';
  return (thrown as { name?: unknown } | null)?.name === 'QuotaExceededError';
}

/** @returns what to throw: `quota` with this message for lack of room, and anything else as it is */
export function toQuotaError(
  thrown: unknown,
  message = 'The browser has no room for this model.',
  detail: ErrorDetail = {},
): unknown {
  return isQuotaError(thrown) ? new LeapError('quota', message, detail, { cause: thrown }) : thrown;
}
