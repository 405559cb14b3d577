import { css, html, nothing } from 'lit';
import { isTaken } from '../compare/keys';
import { offerAddresses } from '../intake/fetch-address';
import { listenForFiles } from '../intake/listen-for-files';
import { type Item, isPicture } from '../state/item';
import type { Session } from '../state/session';
import { SessionController } from '../state/session-controller';
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
  #connection = new AbortController();

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
        grid-template-columns: auto minmax(0, 1fr) min(19.75rem, 40vw);
        min-height: 0;
      }

      leap-strip {
        width: 8.5rem;
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

      /* One column, and the page itself scrolls; something beside the stage is always left to scroll it by. */
      @media (max-width: 56.25em) {
        :host {
          display: block;
          height: auto;
        }

        .work {
          display: block;
        }

        leap-compare,
        leap-encoding {
          height: clamp(19rem, 62dvh, 60rem);
        }

        .blank {
          display: none;
        }

        .wide {
          grid-column: auto;
          overflow: visible;
        }

        leap-strip {
          width: auto;
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
    new SessionController(this, {
      announce: ({ detail }) => {
        this.spoken = detail;
      },
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { session } = this;
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    listenForFiles(
      {
        files: (files, left) => {
          session.add(files.map((file) => ({ name: file.name, input: file })));
          if (left.length) session.notify({ code: 'left-out', message: describeLeftOut(left) });
        },
        text: (text) => offerAddresses(session, text),
        hover: (over) => {
          this.hovering = over;
        },
      },
      signal,
    );
    document.addEventListener('keydown', this.#onKey, { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#connection.abort();
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
          : item.reading && isPicture(item)
            ? html`<leap-encoding .session=${session} .item=${item}></leap-encoding>`
            : html`<div class="blank"></div>`
      }
      <leap-inspector .session=${session} .item=${item}></leap-inspector>
    `;
  }

  /** Escape cancels, Delete removes, square brackets go through the queue. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const { session } = this;
    if (isTaken(event)) return;
    const { selected } = session;
    if (event.key === 'Escape' && selected) session.cancel(selected);
    else if (event.key === 'Delete' && selected) session.discard([selected]);
    else if (event.key === '[') session.selectNext(-1);
    else if (event.key === ']') session.selectNext(1);
  };
}

/** Names a few files of a folder that nothing here reads. */
function describeLeftOut(names: readonly string[]): string {
  const some = names.slice(0, 3).join(', ');
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `Left out of what you dropped, as they are neither latents nor pictures: ${some}${more}.`;
}

customElements.define('leap-app', LeapApp);
