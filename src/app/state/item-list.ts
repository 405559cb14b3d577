import type { Places } from './discard';
import type { Item } from './item';

/** The queue in its order, and which of its entries is selected. */
export class ItemList {
  #items: readonly Item[] = [];
  selected: Item | undefined;

  get items(): readonly Item[] {
    return this.#items;
  }

  /** The selected one before the others, in the order in which they run. */
  get order(): readonly Item[] {
    return this.selected ? [this.selected, ...this.#items] : this.#items;
  }

  append(items: readonly Item[]): void {
    this.#items = [...this.#items, ...items];
  }

  insertAfter(first: Item, items: readonly Item[]): void {
    const at = this.#items.indexOf(first) + 1;
    this.#items = [...this.#items.slice(0, at), ...items, ...this.#items.slice(at)];
  }

  /** If it was selected, the next one is selected instead, or else the last one. */
  remove(item: Item): void {
    const index = this.#items.indexOf(item);
    this.#items = this.#items.filter((other) => other !== item);
    if (this.selected === item) this.selected = this.#items[Math.min(index, this.#items.length - 1)];
  }

  putBack(places: Places): void {
    const items = [...this.#items];
    for (const { item, index } of places) items.splice(index, 0, item);
    this.#items = items;
  }

  /** The entry `step` places after the selected one. */
  neighbour(step: number): Item | undefined {
    const index = this.selected ? this.#items.indexOf(this.selected) : -1;
    return this.#items[index + step];
  }
}
