import { css, html, nothing } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { type LeapError, type ModelPart, SURE } from '../../client';
import { SIDES } from '../state/choice';
import { currentRun, type Item, itemState, problemOf, sayPlace } from '../state/item';
import { PageController } from '../state/page-controller';
import type { PageState } from '../state/page-state';
import { FAMILY_LABELS } from '../text/family-labels';
import { formatSize } from '../text/format';
import { nameChoice, nameSides } from '../text/name-sides';
import { FocusKeeper } from '../ui/focus-keeper';
import { LeapElement } from '../ui/leap-element';
import { shared } from '../ui/shared-styles';
import { readCandidates } from './read-candidates';
import '../models/leap-add-model';
import { familyMayHelp } from './family-may-help';
import '../models/leap-model-file';
import './leap-candidates';
import './leap-factors';
import '../ui/leap-problem';
import './leap-reading';
import '../save/leap-save';
import './leap-timings';
import './leap-workflow';

/** Else both sides of a photograph disappoint, and nobody knows why. */
const ENCODED =
  'Turning a picture into a latent costs fine detail, on both sides alike. “Original” shows what it was.';

/**
 * Everything about the selected latent but its picture, in the order of use: factor, run and cancel, saving, models;
 * then, folded, what the file is and what its pictures took.
 */
export class LeapInspector extends LeapElement {
  static override properties = { page: { attribute: false }, item: { attribute: false } };

  declare page: PageState;
  declare item: Item;
  /** The files for which {@link updated} has done so. */
  readonly #unfolded = new WeakSet<Item>();

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        overflow: auto;
        scrollbar-gutter: stable;
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

      h2 {
        overflow-wrap: anywhere;
        font-size: 1rem;
        line-height: 1.3;
      }

      .what {
        font-size: 0.8125rem;
        font-stretch: var(--narrow);
      }

      /* Where there is a button or not: a click meant for it must not meet another. */
      .action {
        display: grid;
        min-height: 2rem;
      }

      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 2px 12px;
      }

      dd {
        overflow-wrap: anywhere;
      }

      details > * + * {
        margin-top: 12px;
      }

      details > leap-timings {
        display: block;
      }
    `,
  ];

  constructor() {
    super();
    new PageController(this);
    new FocusKeeper(this, () => this.renderRoot.querySelector<HTMLElement>('h2')?.focus());
  }

  protected override render() {
    const { page, item } = this;
    // The item is changed in place: these elements render again when the page says so.
    const version = {};
    if (item.checkpoint) return this.#renderCheckpoint(item.checkpoint);
    return html`
      <section aria-label="Enlarge">
        <div>
          <h2 tabindex="-1">${item.name}</h2>
          <p class="what soft">${describeWhat(item)}</p>
          ${item.latent?.provenance.picture ? html`<p class="what soft">${ENCODED}</p>` : nothing}
        </div>
        ${item.latent ? this.#renderRun() : nothing} ${this.#renderErrors()}
        ${item.latent && item.error ? this.#renderReadError(item.error) : nothing}
      </section>
      ${item.latent ? this.#renderResults(version) : nothing}
      ${
        isReadable(item)
          ? html`<section aria-label="File">
            <details class="reading">
              <summary>File and how it was read</summary>
              <leap-reading .page=${page} .item=${item} .version=${version}></leap-reading>
            </details>
            ${item.latent ? this.#renderMore(version) : nothing}
          </section>`
          : nothing
      }
    `;
  }

  /** How it was read unfolds by itself where that is not sure, once for each file, and never folds by itself. */
  protected override updated(): void {
    const { item } = this;
    const reading = this.renderRoot.querySelector<HTMLDetailsElement>('details.reading');
    if (!reading || this.#unfolded.has(item)) return;
    if (!isUnsure(item) && (item.latent || !item.error)) return;
    this.#unfolded.add(item);
    reading.open = true;
  }

  #renderResults(version: object) {
    const { page, item } = this;
    return html`
      <section aria-label="Save">
        <leap-save .page=${page} .item=${item} .version=${version}></leap-save>
      </section>
      <section aria-label="Models">
        <div class="row">
          <h2>Models</h2>
          <button class="link" @click=${() => page.showModels()}>Manage models</button>
        </div>
        <dl>
          ${SIDES.map(
            (side) => html`<dt class="soft">${side === 'left' ? 'Left' : 'Right'}</dt>
              <dd>${nameChoice(item.choices[side], item.scale, page.shelf)}</dd>`,
          )}
        </dl>
      </section>
    `;
  }

  #renderMore(version: object) {
    const { page, item } = this;
    return html`
      <details>
        <summary>Times and memory</summary>
        <leap-timings
          .run=${currentRun(item)}
          .names=${nameSides(item, page.shelf)}
          .shelf=${page.shelf}
          .version=${version}
        ></leap-timings>
      </details>
      <leap-workflow .page=${page} .item=${item} .version=${version}></leap-workflow>
    `;
  }

  /** A model was dropped where a latent was expected. Each has a form of its own, which may be busy for a while. */
  #renderCheckpoint(parts: readonly ModelPart[]) {
    const { item, page } = this;
    const done = () => page.remove(item);
    return html`
      <section aria-label="File">
        ${keyed(
          item,
          html`<leap-add-model
            .page=${page}
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
    return html`
      <leap-factors .page=${this.page} .item=${item} .version=${{}}></leap-factors>
      ${this.#renderAction()}
    `;
  }

  /** One button for both, which keeps the focus when one becomes the other. */
  #renderAction() {
    const { item, page } = this;
    const state = itemState(item);
    const busy = state === 'running' || state === 'waiting';
    const button = html`<button
      class=${busy ? '' : 'primary'}
      title=${busy ? 'Esc' : nothing}
      @click=${() => (busy ? page.cancel(item) : page.run(item))}
    >
      ${busy ? 'Cancel' : 'Run'}
    </button>`;
    return html`<div class="action">${busy || state === 'stopped' ? button : nothing}</div>`;
  }

  #renderErrors() {
    const { item, page } = this;
    return SIDES.map((side) => {
      const result = currentRun(item)[side];
      // Without a picture it stands where the picture would be.
      const problem = result.state === 'failed' ? undefined : problemOf(result);
      if (!problem) return nothing;
      return html`<leap-problem
        subject=${nameChoice(problem.choice, problem.scale, page.shelf)}
        .error=${problem.error}
        @retry=${() => page.retry(item)}
      ></leap-problem>`;
    });
  }

  #renderReadError(error: LeapError) {
    const { item, page } = this;
    return html`
      <leap-problem .error=${error} @retry=${() => page.retryRead(item)}></leap-problem>
      <leap-candidates .page=${page} .item=${item} .candidates=${readCandidates(error)}></leap-candidates>
    `;
  }
}

/** 'SDXL, 64 × 64, ComfyUI', and which of a batch. */
function describeWhat(item: Item): string {
  const { latent } = item;
  if (!latent) return item.reading ? 'Reading' : '';
  const { family, dims, provenance } = latent;
  const from = provenance.picture ? 'encoded from a picture' : provenance.writer;
  const guess = provenance.guesses.find(({ what }) => what === 'family');
  const unsure = guess && guess.confidence < SURE ? ' (a guess)' : '';
  return [`${FAMILY_LABELS[family]}${unsure}`, formatSize(dims[2], dims[1]), from, sayPlace(item)]
    .filter(Boolean)
    .join(', ');
}

/** Whether there is anything to say of the file, or to choose. */
function isReadable({ latent, reading, hints, error }: Item): boolean {
  if (latent || hints.family || hints.space) return true;
  return error ? familyMayHelp(error) || 'space' in error.detail : reading;
}

/** Such a guess is shown without being asked for, with what else it may be. */
function isUnsure({ latent }: Item): boolean {
  return latent?.provenance.guesses.some(({ confidence }) => confidence < SURE) ?? false;
}

customElements.define('leap-inspector', LeapInspector);
