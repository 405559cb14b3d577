import { css, html, nothing } from 'lit';
import { PageController } from '../state/page-controller';
import type { PageState } from '../state/page-state';
import { describeDevice } from '../text/describe-device';
import { markIcon, moonIcon, sunIcon } from '../ui/icons';
import { LeapElement } from '../ui/leap-element';
import { pickFiles } from '../ui/pick-files';
import { shared } from '../ui/shared-styles';
import { importPart } from './import-part';
import { currentTheme, toggleTheme, watchSystemTheme } from './theme';

const DIALOGUES = {
  models: () => import('../models/leap-models'),
  device: () => import('../device/leap-device'),
  keys: () => import('./leap-keys'),
};
type Dialogue = keyof typeof DIALOGUES;

/** The page's top: the name, what computes, and the things that are always at hand. */
export class LeapHeader extends LeapElement {
  static override properties = { page: { attribute: false }, ready: { state: true } };

  declare page: PageState;
  /** The dialogues that have been asked for, and whose code is there. */
  declare private ready: readonly Dialogue[];
  #alive = new AbortController();

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
        font-size: 1rem;
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
        padding-left: 6px;
        border-left: 1px solid var(--line);
        font-stretch: var(--narrow);
      }

      .device button {
        max-width: 100%;
        padding: 0 10px;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
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

      /* Not in the row: an open one lies above the page, and a closed one has no place in it. */
      leap-models,
      leap-device,
      leap-keys {
        position: absolute;
      }

      @media (max-width: 40em) {
        :host {
          gap: 4px 8px;
        }

        .device {
          order: 3;
          flex-basis: 100%;
          padding: 0;
          border: 0;
          font-size: 0.8125rem;
        }

        .device button {
          padding: 0;
        }

        .actions {
          margin-left: auto;
        }
      }

      /* A phone on its side has no room for a second row. */
      @media (min-width: 30em) and (max-width: 40em) and (max-height: 32em) {
        .device {
          order: 0;
          flex: 1 1 0;
        }
      }

      /* Every button has a border there. */
      @media (forced-colors: active) {
        .device button {
          padding: 0 10px;
        }
      }

      /* One row for the mark and the buttons. */
      @media (max-width: 26em) {
        h1 span {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
      }
    `,
  ];

  constructor() {
    super();
    this.ready = [];
    new PageController(this, { models: () => void this.open('models') });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#alive = new AbortController();
    watchSystemTheme(() => this.requestUpdate(), this.#alive.signal);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#alive.abort();
  }

  protected override render() {
    const dark = currentTheme() === 'dark';
    return html`
      <h1><i class="mark">${markIcon}</i><span>Latent Leap</span></h1>
      <p class="device" data-testid="device">
        <button class="quiet" title="About this device: measure it, copy it for a report" @click=${() => this.open('device')}>
          ${this.#renderDevice()}
        </button>
      </p>
      <div class="actions">
        <button @click=${this.#pick}>Open files</button>
        <button class="quiet" @click=${() => this.page.showModels()}>Models</button>
        <button class="quiet icon" aria-label="Keys" title="Keys (?)" @click=${() => this.open('keys')}>?</button>
        <button class="quiet icon" aria-label=${dark ? 'Light theme' : 'Dark theme'} @click=${this.#toggleTheme}>
          ${dark ? sunIcon : moonIcon}
        </button>
      </div>
      ${this.ready.includes('models') ? html`<leap-models .page=${this.page}></leap-models>` : nothing}
      ${this.ready.includes('device') ? html`<leap-device .page=${this.page}></leap-device>` : nothing}
      ${this.ready.includes('keys') ? html`<leap-keys></leap-keys>` : nothing}
    `;
  }

  #renderDevice() {
    const { device } = this.page;
    if (!device) return html`<span class="soft">Runs on this machine; nothing is uploaded</span>`;
    return describeDevice(device);
  }

  readonly #pick = async (): Promise<void> => {
    const files = await pickFiles();
    this.page.add(files.map((file) => ({ name: file.name, input: file })));
  };

  /** Opens one of the dialogues, whose code is fetched only now. */
  async open(dialogue: Dialogue): Promise<void> {
    if (!(await importPart(this.page, DIALOGUES[dialogue]))) return;
    if (!this.ready.includes(dialogue)) this.ready = [...this.ready, dialogue];
    await this.updateComplete;
    await this.renderRoot.querySelector<HTMLElement & { show(): Promise<void> }>(`leap-${dialogue}`)?.show();
  }

  readonly #toggleTheme = (): void => {
    toggleTheme();
    this.requestUpdate();
  };
}

customElements.define('leap-header', LeapHeader);

declare global {
  interface HTMLElementTagNameMap {
    'leap-header': LeapHeader;
  }
}
