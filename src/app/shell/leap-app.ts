import { css, html, nothing } from 'lit';
import { isTaken } from '../compare/keys';
import type { Item } from '../state/item';
import type { Session } from '../state/session';
import { SessionController } from '../state/session-controller';
import { listenForFiles } from '../ui/intake';
import { LeapElement } from '../ui/leap-element';
import { shared } from '../ui/shared-styles';
import './leap-header';
import './leap-notices';
import '../welcome/leap-welcome';

/** The whole page: header, notices, and either the welcome or strip, comparison and inspector. */
export class LeapApp extends LeapElement {
  static override properties = {
    session: { attribute: false },
    ready: { state: true },
    hovering: { state: true },
    spoken: { state: true },
  };

  declare session: Session;
  /** The elements that show a latent are there. */
  declare private ready: boolean;
  /** Files are being dragged over the page. */
  declare private hovering: boolean;
  declare private spoken: string;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-rows: auto auto minmax(0, 1fr);
        height: 100dvh;
      }

      .welcome {
        overflow: auto;
      }

      .work {
        display: grid;
        grid-template-columns: 128px minmax(0, 1fr) 316px;
        min-height: 0;
      }

      leap-strip {
        border-right: 1px solid var(--line);
      }

      leap-inspector {
        border-left: 1px solid var(--line);
      }

      .blank {
        background: var(--stage);
      }

      .wide {
        grid-column: 2 / 4;
        min-height: 0;
        overflow: auto;
      }

      .drop {
        position: fixed;
        inset: 0;
        z-index: 1;
        display: grid;
        place-items: center;
        border: 3px solid var(--accent);
        background: color-mix(in srgb, var(--ground) 88%, transparent);
        font-size: 28px;
        font-weight: 550;
        letter-spacing: -0.02em;
        pointer-events: none;
      }

      @media (max-width: 900px) {
        .work {
          grid-template-columns: minmax(0, 1fr);
          align-content: start;
          overflow: auto;
        }

        leap-compare {
          height: max(440px, 62dvh);
        }

        .blank {
          display: none;
        }

        .wide {
          grid-column: auto;
          overflow: visible;
        }

        leap-strip {
          border: 0;
          border-bottom: 1px solid var(--line);
        }

        leap-inspector {
          border: 0;
          border-top: 1px solid var(--line);
          overflow: visible;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.ready = false;
    this.hovering = false;
    this.spoken = '';
  }

  override connectedCallback(): void {
    new SessionController(this);
    super.connectedCallback();
    this.session.addEventListener('announce', (event) => {
      this.spoken = (event as CustomEvent<string>).detail;
    });
    listenForFiles({
      files: (files) => this.session.add(files.map((file) => ({ name: file.name, input: file }))),
      hover: (over) => {
        this.hovering = over;
      },
    });
    document.addEventListener('keydown', this.#onKey);
  }

  /** What is needed from the first file on, out of the way of the first paint. */
  protected override async firstUpdated(): Promise<void> {
    await import('./work');
    this.ready = true;
  }

  protected override render() {
    const { session } = this;
    const working = this.ready && session.items.length > 0;
    return html`
      <leap-header role="banner" .session=${session}></leap-header>
      <leap-notices .session=${session}></leap-notices>
      <main class=${working ? 'work' : 'welcome'}>
        ${working ? this.#renderWork() : html`<leap-welcome .session=${session}></leap-welcome>`}
      </main>
      ${this.hovering ? html`<div class="drop">Drop to open</div>` : nothing}
      <div class="visually-hidden" role="status">${this.spoken}</div>
    `;
  }

  #renderWork() {
    const { session } = this;
    const item = session.selected;
    return html`
      <leap-strip role="navigation" aria-label="Queue" .session=${session}></leap-strip>
      ${item ? this.#renderItem(item) : html`<leap-welcome class="wide" .session=${session}></leap-welcome>`}
    `;
  }

  #renderItem(item: Item) {
    const { session } = this;
    return html`
      ${
        item.latent
          ? html`<leap-compare .session=${session} .item=${item}></leap-compare>`
          : html`<div class="blank"></div>`
      }
      <leap-inspector .session=${session} .item=${item}></leap-inspector>
    `;
  }

  /** Escape cancels, square brackets go through the queue. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const { session } = this;
    if (isTaken(event)) return;
    if (event.key === 'Escape' && session.selected) session.cancel(session.selected);
    else if (event.key === '[') session.selectNext(-1);
    else if (event.key === ']') session.selectNext(1);
  };
}

customElements.define('leap-app', LeapApp);
