import { css, html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { type FamilyId, type Guess, type LeapError, type Provenance, type Space, SURE } from '../../client';
import { sayUnreadFamilies } from '../../latent/doubts/say-unread-families';
import { FAMILY_LABELS, SPACE_LABELS } from '../text/family-labels';
import { formatSize } from '../text/format';
import { ItemElement } from '../ui/item-element';
import { shared } from '../ui/shared-styles';
import { familyMayHelp } from './family-may-help';
import type { Candidate } from './read-candidates';
import './leap-candidates';

/** A longer list of choices can be searched instead. */
const MOST_OPTIONS = 50;

/** What the file was taken for and why, with the means to say otherwise. */
export class LeapReading extends ItemElement {
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 12px;
      }

      .facts {
        font-size: 0.8125rem;
        font-stretch: var(--narrow);
        overflow-wrap: anywhere;
      }

      .choice {
        display: grid;
        grid-template-columns: 4rem minmax(0, 1fr);
        gap: 4px 8px;
        align-items: center;
      }

      .choice select {
        width: 100%;
      }

      .why {
        grid-column: 2;
        font-size: 0.8125rem;
        line-height: 1.4;
        font-stretch: var(--narrow);
        text-wrap: pretty;
      }

      .unsure {
        color: var(--ink);
        font-weight: 600;
      }
    `,
  ];

  protected override render() {
    const { item } = this;
    const from = item.latent?.provenance;
    const space = from ? from.space : (item.hints.space ?? spaceOf(item.error));
    return html`
      ${from ? html`<p class="facts soft">${describeFile(from)}</p>` : nothing}
      ${from?.remarks?.map((remark) => html`<p class="facts soft">${remark}</p>`)}
      ${this.#renderFamily(from)} ${space && !from?.picture ? this.#renderSpace(space, from) : nothing}
      ${from?.guesses.filter((guess) => !['family', 'space'].includes(guess.what)).map((guess) => this.#renderGuess(guess))}
    `;
  }

  /** A file that was refused may need its family; "Unknown" leads back to what was said without one. */
  #renderFamily(from: Provenance | undefined) {
    const { latent, hints, error } = this.item;
    const family = latent?.family ?? hints.family;
    if (!family && error && !familyMayHelp(error)) return nothing;
    return html`
      <div class="choice">
        <label for="family">Family</label>
        <select id="family" @change=${this.#setFamily}>
          ${latent ? nothing : html`<option value="" .selected=${!family}>Unknown</option>`}
          ${Object.entries(FAMILY_LABELS).map(
            ([
              id,
              label,
            ]) => html`<option value=${id} ?selected=${id === family} .selected=${live(id === family)}>
              ${label}
            </option>`,
          )}
        </select>
        ${this.#renderReason(findGuess(from, 'family'))}
      </div>
    `;
  }

  /** Also shown when reading failed: a wrong space may be why. */
  #renderSpace(space: Space, from: Provenance | undefined) {
    return html`
      <div class="choice">
        <label for="space">Space</label>
        <select id="space" @change=${this.#setSpace}>
          ${Object.entries(SPACE_LABELS).map(
            ([id, label]) => html`<option value=${id} .selected=${id === space}>${label}</option>`,
          )}
        </select>
        ${this.#renderReason(findGuess(from, 'space'))}
      </div>
    `;
  }

  #renderGuess(guess: Guess) {
    const name = `${guess.what[0]?.toUpperCase()}${guess.what.slice(1)}`;
    const { choices } = guess;
    if (!choices?.length) {
      return html`<div class="choice"><span>${name}</span><span>${guess.value}</span>${this.#renderReason(guess)}</div>`;
    }
    return html`
      <div class="choice">
        <label for=${guess.what}>${name}</label>
        <select id=${guess.what} @change=${(event: Event) => this.#choose(event, choices)}>
          <option .selected=${true}>${guess.value}</option>
          ${choices.slice(0, MOST_OPTIONS).map(({ label }) => html`<option .selected=${false}>${label}</option>`)}
          ${choices.length > MOST_OPTIONS ? html`<option disabled>More can be found below</option>` : nothing}
        </select>
        ${this.#renderReason(guess)}
      </div>
    `;
  }

  #choose(event: Event, choices: readonly Candidate[]): void {
    const chosen = choices[(event.target as HTMLSelectElement).selectedIndex - 1];
    if (chosen) this.page.reread(this.item, chosen.hints);
  }

  #renderReason(guess: Guess | undefined) {
    if (!guess) return nothing;
    const candidates = guess.confidence < SURE ? (guess.choices ?? []) : [];
    return html`
      <p class="why soft">${renderConfidence(guess)} ${guess.reason} ${guess.confidence < SURE ? sayUnreadFamilies(guess) : nothing}</p>
      ${candidates.length ? this.#renderCandidates(guess, candidates) : nothing}
    `;
  }

  #renderCandidates({ what }: Guess, candidates: readonly Candidate[]) {
    return html`<leap-candidates
      class="why"
      data-for=${what}
      .page=${this.page}
      .item=${this.item}
      .candidates=${candidates}
    ></leap-candidates>`;
  }

  /** Another family may have another space, so the space is guessed again. */
  readonly #setFamily = (event: Event): void => {
    const family = (event.target as HTMLSelectElement).value as FamilyId | '';
    const { space: _, ...hints } = this.item.hints;
    const { family: __, ...undecided } = hints;
    this.item.hints = family ? hints : undecided;
    this.page.reread(this.item, family ? { family } : {});
  };

  readonly #setSpace = (event: Event): void => {
    this.page.reread(this.item, { space: (event.target as HTMLSelectElement).value as Space });
  };
}

function describeFile({ writer, container, tensor, shape, dtype, picture }: Provenance): string {
  if (picture) return `A picture of ${formatSize(picture.width, picture.height)} px, encoded here`;
  const form = container.startsWith('torch-') ? 'torch.save' : container;
  const made = writer ? `${writer}, ${form}` : form;
  return `${made}: ${[tensor, `[${shape.join(', ')}]`, dtype].filter(Boolean).join(' ')}`;
}

function spaceOf(error: LeapError | undefined): Space | undefined {
  const space = error?.detail.space;
  return space === 'model' || space === 'decoder' ? space : undefined;
}

function findGuess(from: Provenance | undefined, what: Guess['what']): Guess | undefined {
  return from?.guesses.find((guess) => guess.what === what);
}

/** What is not sure says so; below one in two the page asks to have a look. */
function renderConfidence({ confidence, chosen }: Guess) {
  if (confidence >= SURE) return nothing;
  if (chosen) return html`<span class="unsure">Doubtful, please check.</span>`;
  if (confidence < 0.5) return html`<span class="unsure">A guess, please check.</span>`;
  return html`A guess (${Math.round(confidence * 100)} %).`;
}

customElements.define('leap-reading', LeapReading);
