import { html, nothing } from 'lit';
import { toLeapError } from '../../errors';
import { isTaken } from '../compare/taken-keys';
import { readCandidates } from '../inspector/read-candidates';
import { offerAddresses } from '../intake/fetch-address';
import { listenForFiles } from '../intake/listen-for-files';
import { nameStem } from '../save/name-result';
import { PICTURE_FORMATS, type PictureOptions } from '../save/picture-blob';
import { saveFile } from '../save/save-file';
import { SIDES } from '../state/choice';
import { currentRun, type Item, isPicture } from '../state/item';
import { PageController } from '../state/page-controller';
import type { PageState } from '../state/page-state';
import { nameChoice } from '../text/name-sides';
import { comesFrom } from '../ui/comes-from';
import { FocusKeeper, isFocusLost } from '../ui/focus-keeper';
import '../ui/leap-announcer';
import { LeapElement } from '../ui/leap-element';
import { shared } from '../ui/shared-styles';
import './leap-header';
import './leap-notices';
import '../welcome/leap-welcome';
import { appStyles } from './app-styles';
import { importPart } from './import-part';

/** The whole page: header, notices, and either the welcome or strip, comparison and inspector. */
export class LeapApp extends LeapElement {
  static override properties = {
    page: { attribute: false },
    ready: { state: true },
    hovering: { state: true },
  };

  declare page: PageState;
  /** The elements that show a latent are there. */
  declare private ready: boolean;
  /** Files are being dragged over the page. */
  declare private hovering: boolean;
  #connection = new AbortController();
  /** The control that had the keyboard's focus is gone. */
  #seeksFocus = false;

  static override styles = [shared, appStyles];

  constructor() {
    super();
    this.ready = false;
    this.hovering = false;
    new PageController(this);
    new FocusKeeper(this, () => {
      this.#seeksFocus = true;
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { page } = this;
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    listenForFiles(
      {
        files: (files, left) => {
          page.add(files.map((file) => ({ name: file.name, input: file })));
          if (left.length) page.notify({ code: 'left-out', message: describeLeftOut(left) });
        },
        text: (text) => offerAddresses(page, text),
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
    this.ready = await importPart(this.page, () => import('./work-elements'));
  }

  /** The pictures have the focus next, or what is there without any, unless something has taken it by then. */
  protected override async updated(): Promise<void> {
    const next = this.#seeksFocus ? this.#findNextFocus() : null;
    if (!next) return;
    this.#seeksFocus = false;
    await next.updateComplete;
    if (isFocusLost()) next.focus();
  }

  /** @returns null as long as the pictures are still to come */
  #findNextFocus() {
    const { selected } = this.page;
    if (!selected) return this.#findWelcome();
    const compare = this.renderRoot.querySelector('leap-compare');
    return compare ?? (selected.reading ? null : this.renderRoot.querySelector('leap-strip'));
  }

  #findWelcome() {
    return this.renderRoot.querySelector('leap-welcome');
  }

  protected override render() {
    const { page } = this;
    const working = this.ready && page.items.length > 0;
    return html`
      <leap-header role="banner" .page=${page}></leap-header>
      <leap-notices
        class=${working ? (page.selected ? 'beside' : 'queued') : ''}
        .page=${page}
        @focus-lost=${this.#seekFocus}
      ></leap-notices>
      <main class="${working ? 'work' : 'welcome'} ${this.hovering ? 'hovered' : ''}">
        ${working ? this.#renderWork() : html`<leap-welcome .page=${page}></leap-welcome>`}
      </main>
      ${this.hovering ? html`<div class="drop">Drop to open</div>` : nothing}
      <leap-announcer .page=${page}></leap-announcer>
    `;
  }

  #renderWork() {
    const { page } = this;
    const item = page.selected;
    return html`
      <leap-strip
        role="navigation"
        aria-label="Queue"
        .page=${page}
        @focus-lost=${this.#seekFocus}
      ></leap-strip>
      ${item ? this.#renderItem(item) : html`<leap-welcome class="wide" .page=${page}></leap-welcome>`}
    `;
  }

  #renderItem(item: Item) {
    const { page } = this;
    return html`
      <div class="view">
        ${item.latent ? html`<leap-compare .page=${page} .item=${item}></leap-compare>` : nothing}
        ${
          !item.latent && item.reading && isPicture(item)
            ? html`<leap-encoding .page=${page} .item=${item}></leap-encoding>`
            : nothing
        }
        ${this.#renderProblems(item)}
      </div>
      <leap-inspector
        .page=${page}
        .item=${item}
        @save-comparison=${({ detail }: CustomEvent<PictureOptions>) => this.#saveComparison(item, detail)}
      ></leap-inspector>
      ${item.latent ? html`<leap-quick-save .page=${page} .item=${item}></leap-quick-save>` : nothing}
    `;
  }

  /** What stands in the way of any picture, where the picture would be. */
  #renderProblems(item: Item) {
    const { page } = this;
    if (item.checkpoint) {
      return html`<leap-model-file .page=${page} .item=${item} .parts=${item.checkpoint}></leap-model-file>`;
    }
    if (item.error && !item.latent) {
      return html`<div class="problems">
        <leap-problem .error=${item.error} @retry=${() => page.retryRead(item)}></leap-problem>
        <leap-candidates
          .page=${page}
          .item=${item}
          .candidates=${readCandidates(item.error)}
        ></leap-candidates>
      </div>`;
    }
    const failed = SIDES.flatMap((side) => {
      const result = currentRun(item)[side];
      return result.state === 'failed' ? [result.problem] : [];
    });
    if (!failed.length) return nothing;
    // The same message twice is one.
    const [first, second] = failed;
    const shown = second?.error.message === first!.error.message ? [first!] : failed;
    return html`<div class="problems over">
      ${shown.map(
        ({ error, choice, scale }) => html`<leap-problem
          subject=${shown.length < failed.length ? '' : nameChoice(choice, scale, page.shelf)}
          .error=${error}
          @retry=${() => page.retry(item)}
        ></leap-problem>`,
      )}
    </div>`;
  }

  async #saveComparison(item: Item, { format, quality }: PictureOptions): Promise<void> {
    try {
      const compare = this.renderRoot.querySelector('leap-compare')!;
      const type = `image/${format}` as const;
      const blob = await compare.toBlob({ type, quality });
      // What a browser cannot write it writes as PNG.
      const { ending } = PICTURE_FORMATS[blob.type === type ? format : 'png'];
      saveFile(`${nameStem(item)}-comparison-x${item.scale}.${ending}`, blob);
    } catch (thrown) {
      this.page.notify(toLeapError(thrown));
    }
  }

  readonly #seekFocus = (): void => {
    this.#seeksFocus = true;
    this.requestUpdate();
  };

  /** Escape cancels, Delete removes, Control with Z undoes that, square brackets go through the queue, a question mark shows the keys. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const { page } = this;
    if (isUndo(event)) page.undoRemoval();
    if (isTaken(event)) return;
    const { selected } = page;
    if (event.key === 'Escape' && selected) page.cancel(selected);
    // Whoever reads a notice does not mean the entry.
    else if (event.key === 'Delete' && selected && !comesFrom(event, 'leap-notices'))
      page.discard([selected]);
    else if (event.key === '?') void this.renderRoot.querySelector('leap-header')?.open('keys');
    else if (event.key === '[') page.selectNext(-1);
    else if (event.key === ']') page.selectNext(1);
  };
}

/** Outside of fields, which undo what was typed. */
function isUndo(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  const inField = target instanceof HTMLElement && target.closest('input, textarea, select') !== null;
  return (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z' && !inField;
}

/** Names a few files of a folder that nothing here reads. */
function describeLeftOut(names: readonly string[]): string {
  const some = names.slice(0, 3).join(', ');
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `Left out of what you dropped, as they are neither latents nor pictures: ${some}${more}.`;
}

customElements.define('leap-app', LeapApp);
