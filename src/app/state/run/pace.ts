import type { Report } from '../../../client';
import type { Choice } from '../choice';
import type { Expected } from './forecast';

const STORED = 'latent-leap-pace';

/** What of `localStorage` is needed; undefined where storage is forbidden. */
type Store = Pick<Storage, 'getItem' | 'setItem'> | undefined;

/** Milliseconds per megapixel of the picture, for each way that this device has gone. Kept between visits. */
export class Pace {
  readonly #store: Store;
  #device = '';
  #known: Record<string, number> = {};

  constructor(store: Store) {
    this.#store = store;
    try {
      const stored = JSON.parse(store?.getItem(STORED) ?? '{}') as Partial<{ device: string; known: object }>;
      this.#device = stored.device ?? '';
      this.#known = { ...stored.known };
    } catch {
      // Written by somebody else: begins anew.
    }
  }

  /** Times of another device are forgotten. */
  learn(choice: Choice, report: Report): void {
    const device = `${report.backend} ${report.precision} ${report.adapter}`;
    if (device !== this.#device) this.#known = {};
    this.#device = device;
    const megapixels = (report.width * report.height) / 1e6;
    this.#known[upscaleKey(choice, report.scale)] = report.ms.upscale / megapixels;
    this.#known[decodeKey(choice)] = report.ms.decode / megapixels;
    this.#save();
  }

  expect(choice: Choice, scale: number, pixels: number): Expected {
    const ms = (key: string) => {
      const pace = this.#known[key];
      return typeof pace === 'number' ? (pace * pixels) / 1e6 : undefined;
    };
    return { upscale: ms(upscaleKey(choice, scale)), decode: ms(decodeKey(choice)) };
  }

  #save(): void {
    try {
      this.#store?.setItem(STORED, JSON.stringify({ device: this.#device, known: this.#known }));
    } catch {
      // A full store: known as long as the page is open.
    }
  }
}

function upscaleKey({ method, lua }: Choice, scale: number): string {
  return `${method} ${lua ?? ''} ${scale}`;
}

function decodeKey({ decoder }: Choice): string {
  return `decode ${decoder ?? ''}`;
}
