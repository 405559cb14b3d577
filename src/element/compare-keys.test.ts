import { afterEach, expect, it, vi } from 'vitest';
import { targetNeedsKey } from './compare-keys';

/** An element that lies in one that the selector names. */
class Target {
  readonly isContentEditable = false;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  closest(selector: string): this | null {
    return selector.split(', ').includes(this.#name) ? this : null;
  }
}

afterEach(() => vi.unstubAllGlobals());

function needs(name: string, key: string): boolean {
  vi.stubGlobal('HTMLElement', Target);
  return targetNeedsKey({ key, composedPath: () => [new Target(name)] } as unknown as KeyboardEvent);
}

it('leaves every key to fields in which something is typed or chosen', () => {
  for (const name of ['input', 'select', 'textarea'])
    expect([needs(name, 's'), needs(name, ' ')]).toEqual([true, true]);
});

it('leaves Space and Enter to what folds, and keeps the shortcuts', () => {
  expect([' ', 'Enter', 's', 'ArrowLeft'].map((key) => needs('summary', key))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it('leaves the arrows, too, to buttons and sliders', () => {
  expect([' ', 'ArrowLeft', 's'].map((key) => needs('button', key))).toEqual([true, true, false]);
});
