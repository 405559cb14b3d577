import { css, html, nothing } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { LeapError, ModelPart } from '../../client';
import { SIDES } from '../state/choice';
import { currentRun, type Factor, type Item, itemState, pictureSize, problemOf } from '../state/item';
import type { Session } from '../state/session';
import { SessionController } from '../state/session-controller';
import { formatSize } from '../text/format';
import { nameChoice, nameSides } from '../text/name-sides';
import { LeapElement } from '../ui/leap-element';
import { segmented, shared } from '../ui/shared-styles';
import { readCandidates } from './read-candidates';
import '../models/leap-add-model';
import './leap-candidates';
import '../ui/leap-problem';
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

  constructor() {
    super();
    new SessionController(this);
  }

  protected override render() {
    const { session, item } = this;
    // The item is changed in place: these elements render again when the session says so.
    const version = {};
    if (item.checkpoint) return this.#renderCheckpoint(item.checkpoint);
    return html`
      <section aria-label="File">
        <leap-reading .session=${session} .item=${item} .version=${version}></leap-reading>
        ${item.error ? this.#renderReadError(item.error) : nothing}
      </section>
      ${
        item.latent
          ? html`
            <section aria-label="Enlarge">${this.#renderRun()} ${this.#renderErrors()}
              <leap-timings
                .run=${currentRun(item)}
                .names=${nameSides(item, session.shelf)}
                .version=${version}
              ></leap-timings>
            </section>
            <section aria-label="Save">
              <leap-save .session=${session} .item=${item} .version=${version}></leap-save>
            </section>`
          : nothing
      }
    `;
  }

  /** A model was dropped where a latent was expected. Each has a form of its own, which may be busy for a while. */
  #renderCheckpoint(parts: readonly ModelPart[]) {
    const { item, session } = this;
    const done = () => session.remove(item);
    return html`
      <section aria-label="File">
        ${keyed(
          item,
          html`<leap-add-model
            .session=${session}
            .file=${item.input}
            .parts=${parts}
            @added=${done}
            @forgotten=${done}
          ></leap-add-model>`,
        )}
      </section>
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
    const { item, session } = this;
    return SIDES.map((side) => {
      const problem = problemOf(currentRun(item)[side], item.choices[side]);
      if (!problem) return nothing;
      return html`<leap-problem
        subject=${nameChoice(problem.choice, session.shelf)}
        .error=${problem.error}
        @retry=${() => session.retry(item)}
      ></leap-problem>`;
    });
  }

  #renderReadError(error: LeapError) {
    const { item, session } = this;
    return html`
      <leap-problem .error=${error} @retry=${() => session.retryRead(item)}></leap-problem>
      <leap-candidates .session=${session} .item=${item} .candidates=${readCandidates(error)}></leap-candidates>
    `;
  }
}

customElements.define('leap-inspector', LeapInspector);
