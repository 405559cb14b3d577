import { html, nothing } from 'lit';
import { toLeapError } from '../../errors';
import { isTaken } from '../compare/keys';
import { readCandidates } from '../inspector/read-candidates';
import { offerAddresses } from '../intake/fetch-address';
import { listenForFiles } from '../intake/listen-for-files';
import { nameStem } from '../save/name-result';
import { saveFile } from '../save/save-file';
import { SIDES } from '../state/choice';
import { currentRun, type Item, isPicture } from '../state/item';
import type { Session } from '../state/session';
import { SessionController } from '../state/session-controller';
import { nameSides } from '../text/name-sides';
import { LeapElement } from '../ui/leap-element';
import { shared } from '../ui/shared-styles';
import './leap-header';
import './leap-notices';
import '../welcome/leap-welcome';
import { appStyles } from './app-styles';

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

  static override styles = [shared, appStyles];

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
      <div class="view">
        ${item.latent ? html`<leap-compare .session=${session} .item=${item}></leap-compare>` : nothing}
        ${
          !item.latent && item.reading && isPicture(item)
            ? html`<leap-encoding .session=${session} .item=${item}></leap-encoding>`
            : nothing
        }
        ${this.#renderProblems(item)}
      </div>
      <leap-inspector
        .session=${session}
        .item=${item}
        @save-comparison=${() => this.#saveComparison(item)}
      ></leap-inspector>
      ${item.latent ? html`<leap-quick-save .session=${session} .item=${item}></leap-quick-save>` : nothing}
    `;
  }

  /** What stands in the way of any picture, where the picture would be. */
  #renderProblems(item: Item) {
    const { session } = this;
    if (item.checkpoint) return nothing;
    if (item.error && !item.latent) {
      return html`<div class="problems">
        <leap-problem .error=${item.error} @retry=${() => session.retryRead(item)}></leap-problem>
        <leap-candidates
          .session=${session}
          .item=${item}
          .candidates=${readCandidates(item.error)}
        ></leap-candidates>
      </div>`;
    }
    const failed = SIDES.flatMap((side) => {
      const result = currentRun(item)[side];
      return result.state === 'failed' ? [{ side, error: result.error }] : [];
    });
    if (!failed.length) return nothing;
    const names = nameSides(item, session.shelf);
    // The same message twice is one.
    const [first, second] = failed;
    const shown = second?.error.message === first!.error.message ? [first!] : failed;
    return html`<div class="problems over">
      ${shown.map(
        ({ side, error }) => html`<leap-problem
          subject=${shown.length < failed.length ? '' : names[side]}
          .error=${error}
          @retry=${() => session.retry(item)}
        ></leap-problem>`,
      )}
    </div>`;
  }

  async #saveComparison(item: Item): Promise<void> {
    try {
      const blob = await this.renderRoot.querySelector('leap-compare')!.toBlob();
      saveFile(`${nameStem(item)}-comparison-x${item.scale}.png`, blob);
    } catch (thrown) {
      this.session.notify(toLeapError(thrown));
    }
  }

  /** Escape cancels, Delete removes, square brackets go through the queue, a question mark shows the keys. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const { session } = this;
    if (isTaken(event)) return;
    const { selected } = session;
    if (event.key === 'Escape' && selected) session.cancel(selected);
    else if (event.key === 'Delete' && selected) session.discard([selected]);
    else if (event.key === '?') void this.renderRoot.querySelector('leap-header')?.open('keys');
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
