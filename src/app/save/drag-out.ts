import type { Outcome } from '../state/item';
import { type PictureOptions, toPictureBlob } from './picture-blob';

/**
 * Drags a picture out of the page as a file. A drag has to say at once where its file is, and encoding takes a
 * moment: so it is encoded as soon as the pointer comes near.
 */
export class DragOut {
  #outcome: Outcome | undefined;
  #options: PictureOptions | undefined;
  #url: string | undefined;

  /** Call when the pointer is over what can be dragged. */
  async prepare(outcome: Outcome, options: PictureOptions): Promise<void> {
    if (this.#outcome === outcome && this.#options === options) return;
    this.forget();
    this.#outcome = outcome;
    this.#options = options;
    const blob = await toPictureBlob(outcome, options).catch(() => undefined);
    if (blob && this.#outcome === outcome && this.#options === options) this.#url = URL.createObjectURL(blob);
  }

  /** @param name of the file; a drag that comes before the file is there does nothing */
  start(event: DragEvent, outcome: Outcome, name: string): void {
    const type = `image/${this.#options?.format}`;
    if (!this.#url || this.#outcome !== outcome || !event.dataTransfer) {
      event.preventDefault();
      return;
    }
    event.dataTransfer.effectAllowed = 'copy';
    event.dataTransfer.setData('DownloadURL', `${type}:${name}:${this.#url}`);
  }

  forget(): void {
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = undefined;
    this.#outcome = undefined;
  }
}
