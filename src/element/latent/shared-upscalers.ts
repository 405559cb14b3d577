import type { Upscaler } from '../../client';

interface Shared {
  upscaler: Promise<Upscaler>;
  users: number;
}

/** One worker for all elements of a page that take their models from the same place. */
const shared = new Map<string, Shared>();

/** A share of an upscaler. Give it back when it is not needed any more: the last one ends the worker. */
export class UpscalerShare {
  readonly upscaler: Promise<Upscaler>;
  readonly #models: string;
  #given = false;

  /** @param models address of the folder with `catalog.json`; empty for `models/` beside the page */
  constructor(models: string) {
    this.#models = models;
    const entry = shared.get(models) ?? { upscaler: open(models), users: 0 };
    shared.set(models, entry);
    entry.users++;
    this.upscaler = entry.upscaler;
    // One that could not be opened is tried anew by the next element.
    entry.upscaler.catch(() => shared.get(models) === entry && shared.delete(models));
  }

  giveBack(): void {
    const entry = shared.get(this.#models);
    if (this.#given || entry?.upscaler !== this.upscaler) return;
    this.#given = true;
    entry.users--;
    if (entry.users > 0) return;
    shared.delete(this.#models);
    void this.upscaler.then((upscaler) => upscaler.close()).catch(() => {});
  }
}

/** The client is loaded when the first latent is to be shown: two pictures are compared without it. */
async function open(models: string): Promise<Upscaler> {
  const { createUpscaler } = await import('../../client');
  return createUpscaler(models ? { models: new URL(models, document.baseURI).href } : {});
}
