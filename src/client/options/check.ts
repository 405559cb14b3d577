import { LeapError } from '../../errors';

/** Small checks of what callers pass. Each throws `bad-option` with what was expected and what came. */

export function refuseOption(what: string, expected: string, found: unknown): never {
  throw new LeapError('bad-option', `${what} must be ${expected}, not ${show(found)}.`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function checkObject(what: string, value: unknown): asserts value is Record<string, unknown> {
  if (!isObject(value)) refuseOption(what, 'an object', value);
}

/** A misspelt name must not be passed over: what was meant by it would not happen. */
export function checkNames(what: string, value: object, names: object): void {
  const unknown = Object.entries(value).find(
    ([name, one]) => one !== undefined && !Object.hasOwn(names, name),
  );
  if (unknown === undefined) return;
  const known = Object.keys(names).join(', ');
  throw new LeapError('bad-option', `${what} cannot have ${show(unknown[0])}, only ${known}.`);
}

/** With `check…` undefined is fine: the option was left out. With `require…` it is not. */
export function checkOneOf(what: string, value: unknown, allowed: readonly unknown[]): void {
  if (value !== undefined) requireOneOf(what, value, allowed);
}

export function requireOneOf(what: string, value: unknown, allowed: readonly unknown[]): void {
  if (!allowed.includes(value)) refuseOption(what, allowed.map(show).join(' or '), value);
}

export function checkText(what: string, value: unknown): void {
  if (value !== undefined) requireText(what, value);
}

export function requireText(what: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') refuseOption(what, 'a text', value);
}

export function checkWhole(what: string, value: unknown, least: number): void {
  if (value !== undefined) requireWhole(what, value, least);
}

export function requireWhole(what: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  refuseOption(what, `a whole number from ${least} on`, value);
}

export function checkPositive(what: string, value: unknown): void {
  if (value === undefined || (typeof value === 'number' && value > 0)) return;
  refuseOption(what, 'a number above 0', value);
}

/** The longest time that timers of browsers and of Node wait, 24.8 days: what is longer they take for nothing at all. */
const MAX_MS = 2 ** 31 - 1;

export function checkMilliseconds(what: string, value: unknown): void {
  if (value === undefined || (typeof value === 'number' && value > 0 && value <= MAX_MS)) return;
  refuseOption(what, `a number of milliseconds above 0, up to ${MAX_MS}`, value);
}

export function checkFlag(what: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') refuseOption(what, 'true or false', value);
}

export function checkCallback(what: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') refuseOption(what, 'a function', value);
}

export function checkSignal(value: unknown): void {
  if (value !== undefined && !(value instanceof AbortSignal))
    refuseOption('The signal', 'an AbortSignal', value);
}

/** Anything, short enough for a message. */
function show(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : nameOf(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function nameOf(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (isObject(value)) return `an object of ${value.constructor?.name ?? 'no class'}`;
  return String(value);
}
