import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { type Item, type ItemState, isBusy, itemState, sayPlace } from '../state/item';
import { PageController } from '../state/page-controller';
import type { PageState } from '../state/page-state';
import { FocusKeeper, passFocusOn } from '../ui/focus-keeper';
import { closeIcon } from '../ui/icons';
import { LeapElement } from '../ui/leap-element';
import { shared } from '../ui/shared-styles';
import { stripStyles } from './strip-styles';

const STATE_WORDS: Record<ItemState, string> = {
  model: 'a model',
  reading: 'reading',
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  failed: 'failed',
  stopped: 'not run',
};

/** The queue as a strip of frames, numbered like the frames of a film. */
export class LeapStrip extends LeapElement {
  static override properties = { page: { attribute: false } };

  declare page: PageState;
  #shown: Item | undefined;

  static override styles = [shared, stripStyles];

  constructor() {
    super();
    new PageController(this);
    new FocusKeeper(this, () => passFocusOn(this));
  }

  /** Gives the focus to the frame of what is shown. */
  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('.frame[aria-current=true]')?.focus(options);
  }

  protected override render() {
    const { items } = this.page;
    const stopped = items.filter((item) => itemState(item) === 'stopped');
    return html`
      <ol @keydown=${this.#onKey}>
        ${repeat(
          items,
          (item) => item.id,
          (item, index) => this.#renderFrame(item, index + 1),
        )}
      </ol>
      <div class="all">
        <button ?disabled=${!this.page.selected} @click=${() => this.page.deselect()}>Samples</button>
        ${items.filter(isBusy).length > 1 ? html`<button @click=${() => this.page.cancelAll()}>Cancel all</button>` : nothing}
        ${stopped.length > 1 ? html`<button @click=${() => this.page.runAll(stopped)}>Run all</button>` : nothing}
        ${items.length > 1 ? html`<button @click=${() => this.page.discard(items)}>Clear all</button>` : nothing}
      </div>
    `;
  }

  protected override updated(): void {
    const current = this.renderRoot.querySelector('[aria-current=true]');
    if (this.#shown === this.page.selected) return;
    this.#shown = this.page.selected;
    current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Delete removes the frame that has the focus; the page itself does so for the one that is shown. */
  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Delete') return;
    const frames = [...this.renderRoot.querySelectorAll('.frame')];
    const item = this.page.items[frames.indexOf(event.composedPath()[0] as Element)];
    if (!item) return;
    event.stopPropagation();
    void this.#remove(item);
  };

  /** The frame that takes the place has the focus next, or Delete would go to the entry that is shown. */
  async #remove(item: Item): Promise<void> {
    const index = this.page.items.indexOf(item);
    this.page.discard([item]);
    await this.updateComplete;
    const frames = [...this.renderRoot.querySelectorAll<HTMLElement>('.frame')];
    (frames[index] ?? frames.at(-1))?.focus();
  }

  #renderFrame(item: Item, number: number) {
    const state = itemState(item);
    const place = sayPlace(item);
    const batch = place ? `, ${place} in its batch` : '';
    return html`
      <li>
        <button
          class="frame"
          title="${item.name}${batch}"
          aria-current=${item === this.page.selected}
          aria-label="${number} ${item.name}${batch}, ${STATE_WORDS[state]}"
          @click=${() => this.page.select(item)}
        >
          <span class="thumbnail"
            >${item.previews?.thumbnail ?? (item.checkpoint ? 'Model' : nothing)}
            ${place ? html`<span class="place">${place}</span>` : nothing}</span
          >
          <span class="caption">
            <b>${number}</b>${renderName(item.name)}<span class="dot ${state}"></span>
          </span>
        </button>
        <button class="remove" aria-label="Remove ${item.name}" @click=${() => this.#remove(item)}>
          ${closeIcon}
        </button>
      </li>
    `;
  }
}

customElements.define('leap-strip', LeapStrip);

declare global {
  interface HTMLElementTagNameMap {
    'leap-strip': LeapStrip;
  }
}

/** Characters before the ending that are always seen: programs number their files there (ComfyUI_00001_.latent). */
const SEEN_END = 5;

/** A file's name without its ending, cut in the middle where it is too long. */
function renderName(name: string) {
  const stem = name.replace(/(?<=.)\.\w+$/, '');
  const [start, end] = [stem.slice(0, -SEEN_END), stem.slice(-SEEN_END)];
  return html`<span class="name"><span class="start">${start}</span><span>${end}</span></span>`;
}
