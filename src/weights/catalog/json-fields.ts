import { LeapError } from '../../errors';

/** Typed access to JSON of unknown shape. Every method throws `damaged-file` naming the place that is wrong. */
export class JsonFields {
  readonly #value: Record<string, unknown>;
  readonly #at: string;

  /** @param at where the value stands, for messages: `models[3]` */
  constructor(value: unknown, at: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected(at, 'an object');
    this.#value = value as Record<string, unknown>;
    this.#at = at;
  }

  text(name: string): string {
    const value = this.#value[name];
    if (typeof value !== 'string' || value === '') throw expected(this.#path(name), 'a text');
    return value;
  }

  /** Lower-case hex digest of 64 digits. */
  sha256(name: string): string {
    const value = this.text(name);
    if (!/^[0-9a-f]{64}$/.test(value)) throw expected(this.#path(name), 'a sha256 in lower-case hex');
    return value;
  }

  /** A whole number above zero. */
  count(name: string): number {
    return asCount(this.#value[name], this.#path(name));
  }

  /** Bytes; zero where the field is missing. */
  size(name: string): number {
    const value = this.#value[name];
    return value === undefined || value === 0 ? 0 : this.count(name);
  }

  /** Numbers of at least 1. */
  factors(name: string): number[] {
    const values = this.#array(name);
    if (values.some((value) => typeof value !== 'number' || !(value >= 1))) {
      throw expected(this.#path(name), 'a list of numbers from 1');
    }
    return values as number[];
  }

  /** A list of at least one text. */
  texts(name: string): string[] {
    const values = this.#array(name);
    if (values.length === 0 || values.some((value) => typeof value !== 'string' || value === '')) {
      throw expected(this.#path(name), 'a list of texts');
    }
    return values as string[];
  }

  flag(name: string): boolean {
    const value = this.#value[name];
    if (typeof value !== 'boolean') throw expected(this.#path(name), 'true or false');
    return value;
  }

  /** One of the keys of `choices`. */
  choice<Choice extends string>(name: string, choices: Readonly<Record<Choice, unknown>>): Choice {
    const value = this.text(name);
    if (!Object.hasOwn(choices, value)) {
      throw expected(this.#path(name), `one of ${Object.keys(choices).join(', ')}`);
    }
    return value as Choice;
  }

  objects(name: string): JsonFields[] {
    return this.items(name).map((open) => open());
  }

  /** A list of objects, each of which is looked at when it is opened. */
  items(name: string): (() => JsonFields)[] {
    return this.#array(name).map((value, i) => () => new JsonFields(value, `${this.#path(name)}[${i}]`));
  }

  /** What `read` makes of a field; undefined where the field is missing. */
  optional<T>(name: string, read: (name: string) => T): T | undefined {
    return this.#value[name] === undefined ? undefined : read(name);
  }

  /** The error for a field whose value is of the right type, but not allowed. */
  refuse(name: string, what: string): LeapError {
    return expected(this.#path(name), what);
  }

  #array(name: string): unknown[] {
    const value = this.#value[name];
    if (!Array.isArray(value)) throw expected(this.#path(name), 'a list');
    return value;
  }

  #path(name: string): string {
    return `${this.#at}.${name}`;
  }
}

function asCount(value: unknown, at: string): number {
  if (!Number.isSafeInteger(value) || (value as number) <= 0) throw expected(at, 'a whole number above 0');
  return value as number;
}

function expected(at: string, what: string): LeapError {
  return new LeapError('damaged-file', `The catalogue of models is damaged: ${at} must be ${what}.`, { at });
}
