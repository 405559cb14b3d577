import { css, html } from 'lit';
import type { Report, Upscaler } from '../../client';
import { toLeapError } from '../../errors';
import { SIDES, type SideId } from '../state/choice';
import { currentRun, type Item, type Outcome } from '../state/item';
import type { Session } from '../state/session';
import { fileStem } from '../text/format';
import { nameSides } from '../text/name-sides';
import { LeapElement } from '../ui/leap-element';
import { segmented, shared } from '../ui/shared-styles';
import { canvasToPng, saveFile } from './save';

/** The latent as a file: how it is written, and what its name ends in. */
interface LatentFile {
  label: string;
  ending: string;
  write: Parameters<Upscaler['write']> extends [unknown, ...infer Rest] ? Rest : never;
}

const LATENT_FILES: readonly LatentFile[] = [
  { label: 'safetensors', ending: 'safetensors', write: ['safetensors'] },
  { label: 'ComfyUI .latent', ending: 'latent', write: ['comfyui'] },
  {
    label: 'For diffusers',
    ending: 'diffusers.safetensors',
    write: ['safetensors', { consumer: 'diffusers' }],
  },
  { label: 'npy', ending: 'npy', write: ['npy'] },
];

/** Saves a finished side: the picture, or the upscaled latent. */
export class LeapSave extends LeapElement {
  static override properties = {
    session: { attribute: false },
    item: { attribute: false },
    version: {},
    side: { state: true },
  };

  declare session: Session;
  declare item: Item;
  /** Changes with the run's states, so that this element renders again. */
  declare version: unknown;
  declare private side: SideId;

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
        flex-wrap: wrap;
        gap: 8px 16px;
        align-items: center;
        justify-content: space-between;
      }

      .segmented,
      .segmented button {
        min-width: 0;
        max-width: 100%;
      }

      .segmented button {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .formats {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 8px;
      }

      .formats button {
        padding: 0 8px;
      }

      .formats button:first-child {
        grid-column: 1 / 3;
      }
    `,
  ];

  constructor() {
    super();
    this.side = 'right';
  }

  protected override render() {
    const result = currentRun(this.item)[this.side];
    const outcome = result.state === 'done' ? result.outcome : undefined;
    const names = nameSides(this.item, this.session.shelf);
    return html`
      <div class="head">
        <h2>Save</h2>
        <div class="segmented" role="group" aria-label="Which result to save">
          ${SIDES.map(
            (side) => html`<button
              title=${names[side]}
              aria-pressed=${side === this.side}
              @click=${() => {
                this.side = side;
              }}
            >
              ${names[side]}
            </button>`,
          )}
        </div>
      </div>
      <div class="formats" role="group" aria-label="Save ${names[this.side]} as">
        <button ?disabled=${!outcome} @click=${() => outcome && this.#savePng(outcome)}>PNG picture</button>
        ${LATENT_FILES.map(
          (
            file,
          ) => html`<button ?disabled=${!outcome} @click=${() => outcome && this.#saveLatent(outcome, file)}>
            ${file.label}
          </button>`,
        )}
      </div>
    `;
  }

  async #savePng({ canvas, png, report }: Outcome): Promise<void> {
    await this.#save(`${this.#stem(report)}.png`, async () => png ?? canvasToPng(canvas));
  }

  async #saveLatent({ latent, report }: Outcome, { ending, write }: LatentFile): Promise<void> {
    await this.#save(`${this.#stem(report)}.${ending}`, async () => {
      const bytes = await this.session.reader.use((upscaler) => upscaler.write(latent, ...write));
      return new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' });
    });
  }

  /** The file's name with what was done to it; models only where they were chosen. */
  #stem({ method, scale, models }: Report): string {
    const { lua, decoder } = this.item.choices[this.side];
    const chosen = [lua && models.lua, decoder && models.decoder].filter(Boolean);
    return [fileStem(this.item.name), method, ...chosen, `x${scale}`].join('-');
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
