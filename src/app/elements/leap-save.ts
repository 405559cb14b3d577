import { css, html } from 'lit';
import type { Method } from '../../client';
import { toLeapError } from '../../errors';
import { fileStem } from '../format';
import { canvasToPng, saveFile } from '../save';
import { currentRun, type Item, METHOD_LABELS, METHODS, type Outcome } from '../state/item';
import type { Session } from '../state/session';
import { segmented, shared } from '../styles/shared';

const LATENT_FORMATS = [
  { format: 'safetensors', label: 'safetensors', ending: 'safetensors' },
  { format: 'comfyui', label: 'ComfyUI .latent', ending: 'latent' },
  { format: 'npy', label: 'npy', ending: 'npy' },
] as const;

import { LeapElement } from './leap-element';
/** Saves a finished side: the picture, or the upscaled latent. */
export class LeapSave extends LeapElement {
  static override properties = {
    session: { attribute: false },
    item: { attribute: false },
    version: {},
    method: { state: true },
  };

  declare session: Session;
  declare item: Item;
  /** Changes with the run's states, so that this element renders again. */
  declare version: unknown;
  declare private method: Method;

  static override styles = [
    shared,
    segmented,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 10px;
      }

      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
      }

      .formats {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 8px;
      }

      .formats button {
        padding: 0 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.method = 'lua';
  }

  protected override render() {
    const side = currentRun(this.item)[this.method];
    const outcome = side.state === 'done' ? side.outcome : undefined;
    return html`
      <div class="head">
        <h2>Save</h2>
        <div class="segmented" role="group" aria-label="Which result to save">
          ${METHODS.map(
            (method) => html`<button
              aria-pressed=${method === this.method}
              @click=${() => {
                this.method = method;
              }}
            >
              ${METHOD_LABELS[method]}
            </button>`,
          )}
        </div>
      </div>
      <div class="formats" role="group" aria-label="Save ${METHOD_LABELS[this.method]} as">
        <button ?disabled=${!outcome} @click=${() => outcome && this.#savePng(outcome)}>PNG picture</button>
        ${LATENT_FORMATS.map(
          ({ format, label, ending }) => html`<button
            ?disabled=${!outcome}
            @click=${() => outcome && this.#saveLatent(outcome, format, ending)}
          >
            ${label}
          </button>`,
        )}
      </div>
    `;
  }

  async #savePng({ canvas, png, report }: Outcome): Promise<void> {
    await this.#save(`${this.#stem(report.scale)}.png`, async () => png ?? canvasToPng(canvas));
  }

  async #saveLatent(
    { latent, report }: Outcome,
    format: (typeof LATENT_FORMATS)[number]['format'],
    ending: string,
  ): Promise<void> {
    await this.#save(`${this.#stem(report.scale)}.${ending}`, async () => {
      const bytes = await this.session.write(latent, format);
      return new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' });
    });
  }

  #stem(scale: number): string {
    return `${fileStem(this.item.name)}-${this.method}-x${scale}`;
  }

  async #save(name: string, make: () => Promise<Blob>): Promise<void> {
    try {
      saveFile(name, await make());
    } catch (thrown) {
      this.session.notify(toLeapError(thrown));
    }
  }
}

customElements.define('leap-save', LeapSave);
