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
  readonly #entry: Shared;
  #given = false;

  /** @param models address of the folder with `catalog.json`; empty for `models/` beside the page */
  constructor(models: string) {
    this.#models = models;
    this.#entry = shared.get(models) ?? { upscaler: open(models), users: 0 };
    shared.set(models, this.#entry);
    this.#entry.users++;
    this.upscaler = this.#entry.upscaler;
    // One that could not be opened is tried anew by the next element.
    this.upscaler.catch(() => this.drop());
  }

  giveBack(): void {
    if (this.#given) return;
    this.#given = true;
    this.#entry.users--;
    if (this.#entry.users > 0) return;
    this.drop();
    void this.upscaler.then((upscaler) => upscaler.close()).catch(() => {});
  }

  /** Whoever asks from now on gets another upscaler: the worker of this one has died. */
  drop(): void {
    if (shared.get(this.#models) === this.#entry) shared.delete(this.#models);
  }
}

/** The client is loaded when the first latent is to be shown: two pictures are compared without it. */
async function open(models: string): Promise<Upscaler> {
  const { createUpscaler } = await import('../../client');
  return createUpscaler(models ? { models: new URL(models, document.baseURI).href } : {});
}
