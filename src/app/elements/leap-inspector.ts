import { css, html, nothing } from 'lit';
import type { LeapError } from '../../client';
import { formatSize } from '../format';
import { readCandidates } from '../read-candidates';
import {
  currentRun,
  type Factor,
  type Item,
  itemState,
  METHOD_LABELS,
  METHODS,
  pictureSize,
} from '../state/item';
import type { Session } from '../state/session';
import { SessionController } from '../state/session-controller';
import { segmented, shared } from '../styles/shared';
import { LeapElement } from './leap-element';
import './leap-candidates';
import './leap-problem';
import './leap-reading';
import './leap-save';
import './leap-timings';

const FACTORS: readonly Factor[] = [2, 4];

/** Everything about the selected latent but its picture: reading, scale, run and cancel, times, saving. */
export class LeapInspector extends LeapElement {
  static override properties = { session: { attribute: false }, item: { attribute: false } };

  declare session: Session;
  declare item: Item;

  static override styles = [
    shared,
    segmented,
    css`
      :host {
        display: block;
        overflow: auto;
        scrollbar-width: thin;
      }

      section {
        display: flex;
        flex-direction: column;
        gap: 12px;
        padding: 16px;
      }

      section + section {
        border-top: 1px solid var(--line);
      }

      .row {
        display: flex;
        align-items: center;
        gap: 12px;
      }

      .row > :last-child {
        margin-left: auto;
      }

      .segmented button {
        min-width: 44px;
      }
    `,
  ];

  override connectedCallback(): void {
    new SessionController(this);
    super.connectedCallback();
  }

  protected override render() {
    const { session, item } = this;
    // The item is changed in place: these elements render again when the session says so.
    const version = {};
    return html`
      <section aria-label="File">
        <leap-reading .session=${session} .item=${item} .version=${version}></leap-reading>
        ${item.error ? this.#renderReadError(item.error) : nothing}
      </section>
      ${
        item.latent
          ? html`
            <section aria-label="Enlarge">${this.#renderRun()} ${this.#renderErrors()}
              <leap-timings .run=${currentRun(item)} .version=${version}></leap-timings>
            </section>
            <section aria-label="Save">
              <leap-save .session=${session} .item=${item} .version=${version}></leap-save>
            </section>`
          : nothing
      }
    `;
  }

  #renderRun() {
    const { item } = this;
    const size = pictureSize(item);
    return html`
      <div class="row">
        <div class="segmented" role="group" aria-label="Scale">
          ${FACTORS.map(
            (factor) => html`<button
              aria-pressed=${factor === item.scale}
              @click=${() => this.session.setScale(item, factor)}
            >
              ${factor}×
            </button>`,
          )}
        </div>
        <span>${size ? `${formatSize(size.width, size.height)} px` : ''}</span>
        ${this.#renderAction()}
      </div>
    `;
  }

  #renderAction() {
    const { item, session } = this;
    const state = itemState(item);
    if (state === 'running' || state === 'waiting') {
      return html`<button title="Esc" @click=${() => session.cancel(item)}>Cancel</button>`;
    }
    if (state === 'stopped') {
      return html`<button class="primary" @click=${() => session.run(item)}>Run</button>`;
    }
    return html`<span></span>`;
  }

  #renderErrors() {
    return METHODS.map((method) => {
      const side = currentRun(this.item)[method];
      if (side.state !== 'failed') return nothing;
      return html`<leap-problem
        subject=${METHOD_LABELS[method]}
        .error=${side.error}
        @retry=${() => this.session.run(this.item)}
      ></leap-problem>`;
    });
  }

  #renderReadError(error: LeapError) {
    const { item, session } = this;
    return html`
      <leap-problem .error=${error} @retry=${() => session.reread(item, {})}></leap-problem>
      <leap-candidates .session=${session} .item=${item} .candidates=${readCandidates(error)}></leap-candidates>
    `;
  }
}

customElements.define('leap-inspector', LeapInspector);
