import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { type Item, type ItemState, isBusy, itemState, sayPlace } from '../state/item';
import type { Session } from '../state/session';
import { SessionController } from '../state/session-controller';
import { closeIcon } from '../ui/icons';
import { LeapElement } from '../ui/leap-element';
import { shared } from '../ui/shared-styles';

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
  static override properties = { session: { attribute: false } };

  declare session: Session;
  #shown: Item | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        overflow: auto;
        scrollbar-width: thin;
      }

      ol {
        display: flex;
        flex-direction: column;
        gap: 4px;
        padding: 12px 12px 0;
      }

      .all {
        display: flex;
        flex-direction: column;
        gap: 4px;
        padding: 4px 12px 12px;
      }

      li {
        position: relative;
      }

      .frame {
        display: block;
        width: 100%;
        min-height: 0;
        padding: 6px 6px 4px;
        border-color: transparent;
        text-align: left;
      }

      .frame[aria-current='true'] {
        border-color: var(--ink);
        background: var(--surface);
      }

      .thumbnail {
        display: grid;
        height: 72px;
        background: var(--stage);
        place-items: center;
        overflow: hidden;
      }

      canvas {
        width: 100%;
        height: 100%;
        object-fit: contain;
        image-rendering: pixelated;
      }

      .place {
        position: absolute;
        bottom: 28px;
        left: 6px;
        padding: 0 5px;
        background: var(--surface);
        font-size: 0.75rem;
      }

      .caption {
        display: flex;
        align-items: center;
        gap: 6px;
        margin-top: 4px;
        font-size: 0.75rem;
        font-stretch: var(--narrow);
      }

      .caption b {
        font-weight: 600;
      }

      .caption .name {
        min-width: 0;
        margin-right: auto;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .dot {
        flex: none;
        width: 8px;
        height: 8px;
        border: 1.5px solid var(--line-strong);
        border-radius: 50%;
      }

      .dot.done {
        border-color: var(--ink);
        background: var(--ink);
      }

      .dot.running,
      .dot.reading {
        border-color: var(--accent);
        background: linear-gradient(90deg, var(--accent) 50%, transparent 50%);
        animation: turn 1.2s linear infinite;
      }

      .dot.failed {
        border-color: var(--problem);
        border-radius: 0;
        background: var(--problem);
        transform: rotate(45deg);
      }

      @keyframes turn {
        to {
          transform: rotate(360deg);
        }
      }

      @media (prefers-reduced-motion: reduce) {
        .dot {
          animation: none !important;
        }
      }

      .all button {
        padding: 0 8px;
        border-color: var(--line);
        font-size: 0.8125rem;
      }

      .remove {
        position: absolute;
        top: 6px;
        right: 6px;
        display: grid;
        place-items: center;
        width: 24px;
        min-height: 24px !important;
        padding: 0;
        border: 0;
        background: var(--surface);
        opacity: 0;
      }

      li:hover .remove,
      .remove:focus-visible {
        opacity: 1;
      }

      @media (pointer: coarse) {
        .remove {
          place-items: start end;
          width: 44px;
          min-height: 44px !important;
          background: none;
          opacity: 1;
        }

        .remove svg {
          padding: 2px;
          background: var(--surface);
        }
      }

      @media (max-width: 56.25em) {
        :host {
          display: flex;
        }

        ol {
          flex-direction: row;
          padding: 8px;
        }

        li {
          flex: none;
          width: 96px;
        }

        .thumbnail {
          height: 56px;
        }

        .all {
          flex: none;
          justify-content: center;
          padding: 8px 8px 8px 0;
        }
      }
    `,
  ];

  constructor() {
    super();
    new SessionController(this);
  }

  protected override render() {
    const { items } = this.session;
    return html`
      <ol @keydown=${this.#onKey}>
        ${repeat(
          items,
          (item) => item.id,
          (item, index) => this.#renderFrame(item, index + 1),
        )}
      </ol>
      <div class="all">
        <button ?disabled=${!this.session.selected} @click=${() => this.session.deselect()}>Samples</button>
        ${items.filter(isBusy).length > 1 ? html`<button @click=${() => this.session.cancelAll()}>Cancel all</button>` : nothing}
        ${items.length > 1 ? html`<button @click=${() => this.session.discard(items)}>Clear all</button>` : nothing}
      </div>
    `;
  }

  protected override updated(): void {
    const current = this.renderRoot.querySelector('[aria-current=true]');
    if (this.#shown === this.session.selected) return;
    this.#shown = this.session.selected;
    current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Delete removes the frame that has the focus; the page itself does so for the one that is shown. */
  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Delete') return;
    const frames = [...this.renderRoot.querySelectorAll('.frame')];
    const item = this.session.items[frames.indexOf(event.composedPath()[0] as Element)];
    if (!item) return;
    event.stopPropagation();
    this.session.discard([item]);
  };

  #renderFrame(item: Item, number: number) {
    const state = itemState(item);
    const place = sayPlace(item);
    const batch = place ? `, ${place} in its batch` : '';
    return html`
      <li>
        <button
          class="frame"
          title="${item.name}${batch}"
          aria-current=${item === this.session.selected}
          aria-label="${number}: ${item.name}${batch}, ${STATE_WORDS[state]}"
          @click=${() => this.session.select(item)}
        >
          <span class="thumbnail">${item.previews?.thumbnail}</span>
          ${place ? html`<span class="place">${place}</span>` : nothing}
          <span class="caption">
            <b>${number}</b><span class="name">${item.name}</span><span class="dot ${state}"></span>
          </span>
        </button>
        <button class="remove" aria-label="Remove ${item.name}" @click=${() => this.session.discard([item])}>
          ${closeIcon}
        </button>
      </li>
    `;
  }
}

customElements.define('leap-strip', LeapStrip);
