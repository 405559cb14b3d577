import type { Report } from '../../../client';
import type { Choice } from '../choice';
import type { TimedPhase } from './forecast';

const STORED = 'latent-leap-pace';

/** Runs on smaller pictures are mostly overhead. Taken for a pace, it made forecasts up to 35 times too long. */
const TELLING_PIXELS = 256 ** 2;

/** The methods of `localStorage` that are needed; undefined where storage is forbidden. */
type Store = Pick<Storage, 'getItem' | 'setItem'> | undefined;

/** Milliseconds per megapixel of the picture, for each way that this device has gone. Kept between visits. */
export class Pace {
  readonly #store: Store;
  #device = '';
  #known: Record<string, number> = {};

  /** Kept in the page's storage, where that is allowed. */
  static open(): Pace {
    try {
      return new Pace(globalThis.localStorage);
    } catch {
      return new Pace(undefined);
    }
  }

  constructor(store: Store) {
    this.#store = store;
    try {
      const stored = JSON.parse(store?.getItem(STORED) ?? '{}') as Partial<{ device: string; known: object }>;
      this.#device = stored.device ?? '';
      this.#known = { ...stored.known };
    } catch {
      // Somebody else wrote it, so it begins anew.
    }
  }

  /** Times of another device are forgotten. Those of tiny pictures tell nothing of others. */
  learn(choice: Choice, report: Report): void {
    const device = `${report.backend} ${report.precision} ${report.adapter}`;
    if (device !== this.#device) this.#known = {};
    this.#device = device;
    for (const { phase, key, pixels } of phasesOf(choice, report.scale, report.width * report.height)) {
      if (pixels >= TELLING_PIXELS) this.#known[key] = (report.ms[phase] * 1e6) / pixels;
    }
    this.#save();
  }

  /** @param pixels of the picture that is made */
  expect(choice: Choice, scale: number, pixels: number): TimedPhase[] {
    return phasesOf(choice, scale, pixels).map(({ phase, key, pixels: count }) => {
      const pace = this.#known[key];
      return { phase, ms: typeof pace === 'number' ? (pace * count) / 1e6 : undefined };
    });
  }

  #save(): void {
    try {
      this.#store?.setItem(STORED, JSON.stringify({ device: this.#device, known: this.#known }));
    } catch {
      // The store is full: the times are known as long as the page is open.
    }
  }
}

/** The phases to a picture, how they are remembered, and how many pixels each makes. */
function phasesOf({ method, lua, decoder, enlarger }: Choice, scale: number, pixels: number) {
  const key = `${method} ${lua ?? enlarger ?? ''} ${scale}`;
  const decode = { phase: 'decode', key: `decode ${decoder ?? ''}` } as const;
  return method === 'pixels'
    ? [{ ...decode, pixels: pixels / scale ** 2 }, { phase: 'enlarge', key, pixels } as const]
    : [{ phase: 'upscale', key, pixels } as const, { ...decode, pixels }];
}
