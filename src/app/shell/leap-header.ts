import { css, html, nothing } from 'lit';
import type { LeapModels } from '../models/leap-models';
import type { Session } from '../state/session';
import { SessionController } from '../state/session-controller';
import { markIcon, moonIcon, sunIcon } from '../ui/icons';
import { pickFiles } from '../ui/intake';
import { LeapElement } from '../ui/leap-element';
import { shared } from '../ui/shared-styles';
import { currentTheme, toggleTheme } from './theme';

/** The page's top: the name, what computes, and the things that are always at hand. */
export class LeapHeader extends LeapElement {
  static override properties = { session: { attribute: false }, modelsReady: { state: true } };

  declare session: Session;
  /** The dialogue has been asked for, and its code is there. */
  declare private modelsReady: boolean;

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 16px;
        min-height: 52px;
        padding: 8px 8px 8px 16px;
        border-bottom: 1px solid var(--line);
      }

      h1 {
        display: flex;
        align-items: center;
        gap: 10px;
        font-size: 16px;
        font-weight: 650;
        letter-spacing: -0.01em;
        white-space: nowrap;
      }

      .mark {
        color: var(--accent);
      }

      .device {
        min-width: 0;
        margin-right: auto;
        padding-left: 16px;
        border-left: 1px solid var(--line);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-stretch: var(--narrow);
      }

      .actions {
        display: flex;
        align-items: center;
        gap: 4px;
      }

      .icon {
        display: grid;
        place-items: center;
        width: 34px;
        padding: 0;
      }

      @media (max-width: 640px) {
        :host {
          gap: 4px 8px;
        }

        .device {
          order: 3;
          flex-basis: 100%;
          padding: 0 0 2px;
          border: 0;
          font-size: 13px;
        }

        .actions {
          margin-left: auto;
        }
      }
    `,
  ];

  constructor() {
    super();
    new SessionController(this, { models: () => void this.#openModels() });
  }

  protected override render() {
    const dark = currentTheme() === 'dark';
    return html`
      <h1><span class="mark">${markIcon}</span>Latent Leap</h1>
      <p class="device" data-testid="device">${this.#renderDevice()}</p>
      <div class="actions">
        <button @click=${this.#open}>Open files</button>
        <button class="quiet" @click=${() => this.session.showModels()}>Models</button>
        <button class="quiet icon" aria-label=${dark ? 'Light theme' : 'Dark theme'} @click=${this.#toggleTheme}>
          ${dark ? sunIcon : moonIcon}
        </button>
      </div>
      ${this.modelsReady ? html`<leap-models .session=${this.session}></leap-models>` : nothing}
    `;
  }

  #renderDevice() {
    const { device } = this.session;
    if (!device) return html`<span class="soft">Runs on this machine; nothing is uploaded</span>`;
    const { backend, precision, adapter } = device;
    // Without a GPU the adapter is the backend itself, with its threads.
    if (backend !== 'webgpu') return html`${adapter}, ${precision}`;
    return html`WebGPU, ${precision} <span class="soft">on ${adapter}</span>`;
  }

  readonly #open = async (): Promise<void> => {
    const files = await pickFiles();
    this.session.add(files.map((file) => ({ name: file.name, input: file })));
  };

  async #openModels(): Promise<void> {
    await import('../models/leap-models');
    this.modelsReady = true;
    await this.updateComplete;
    await this.renderRoot.querySelector<LeapModels>('leap-models')?.show();
  }

  readonly #toggleTheme = (): void => {
    toggleTheme();
    this.requestUpdate();
  };
}

customElements.define('leap-header', LeapHeader);
