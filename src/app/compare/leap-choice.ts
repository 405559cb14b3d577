import { html, nothing } from 'lit';
import type { ModelStatus } from '../../client';
import { METHOD_LABELS } from '../../element/latent/method-labels';
import { nameModel } from '../../element/latent/name-model';
import { type Choice, isSameChoice, type SideId } from '../state/choice';
import { settleChoice } from '../state/choosing/factors';
import type { Item } from '../state/item';
import type { PageState } from '../state/page-state';
import { formatFactor } from '../text/format';
import { describeOrigin, describeSize, describeStored, needsFetch } from '../text/model-words';
import { nameChoice, nameMethod } from '../text/name-sides';
import { downIcon } from '../ui/icons';
import { LeapElement } from '../ui/leap-element';
import { openLayers } from '../ui/open-layers';
import { shared } from '../ui/shared-styles';
import { choiceStyles } from './choice-styles';
import { listUpscalers, type UpscalerOption } from './list-upscalers';
import { placePanel } from './place-panel';

/**
 * Chooses what makes the picture of one side: what enlarges, and a decoder. Nothing is fetched before the button
 * is pressed that says how much it is.
 */
export class LeapChoice extends LeapElement {
  static override properties = {
    side: {},
    page: { attribute: false },
    item: { attribute: false },
    version: {},
    draft: { state: true },
    open: { state: true },
  };

  declare side: SideId;
  declare page: PageState;
  declare item: Item;
  /** Changes with the item's choices, so that this element renders again. */
  declare version: unknown;
  /** What is chosen in the open panel, not yet run. */
  declare private draft: Choice | undefined;
  declare private open: boolean;

  static override styles = [shared, choiceStyles];

  constructor() {
    super();
    this.open = false;
  }

  protected override render() {
    const { shelf } = this.page;
    const chosen = nameChoice(this.item.choices[this.side], this.item.scale, shelf);
    return html`
      <button
        class="current"
        title="Upscaler and decoder, now ${chosen}"
        aria-haspopup="dialog"
        aria-expanded=${this.open}
        aria-label="Change models, ${this.#sideName}: ${chosen}"
      >
        <span>Change models</span>${downIcon}
      </button>
      <div class="panel" popover role="dialog" aria-label="Models, ${this.#sideName}"
        @beforetoggle=${this.#onBeforeToggle} @toggle=${this.#onToggle} @focusout=${this.#onFocusOut}>
        ${this.open && this.draft ? this.#renderForm(this.draft) : nothing}
      </div>
    `;
  }

  #renderForm(draft: Choice) {
    const { models, problem } = this.page.shelf;
    return html`
      ${models ? nothing : html`<p class="unread soft" role="status">${problem?.message ?? 'Looking up the models'}</p>`}
      <form @submit=${this.#apply}>
        <fieldset>
          <legend>Enlarge with</legend>
          ${listUpscalers(this.item, this.page.shelf).map((option) => this.#renderUpscaler(option, draft))}
        </fieldset>
        <fieldset>
          <legend>Decode with</legend>
          ${this.#renderDecoders(draft)}
        </fieldset>
        <footer>
          ${renderMismatch(draft)} ${this.#renderConsequence(draft)}
          <button type="button" class="link" @click=${this.#showModels}>All models</button>
          <button class="primary" ?disabled=${isSameChoice(draft, this.item.choices[this.side])}>
            ${this.#describeRun(draft)}
          </button>
        </footer>
      </form>
    `;
  }

  #renderUpscaler({ label, enlarging, about, note, possible }: UpscalerOption, draft: Choice) {
    const { method, lua, enlarger } = enlarging;
    const same = {
      bicubic: true,
      lua: draft.lua === lua,
      // Lanczos is what nothing else was said for.
      pixels: (draft.enlarger ?? 'lanczos') === enlarger,
    };
    const checked = draft.method === method && same[method];
    return renderOption({ group: 'upscaler', label, about, note, possible, checked }, () =>
      this.#change(enlarging),
    );
  }

  #renderDecoders(draft: Choice) {
    const { latent } = this.item;
    if (!latent) return nothing;
    return this.page.shelf.fitting(latent.family, 'decoder').map((model) => {
      const decoder = model.embedded ? undefined : model.id;
      const checked = draft.decoder === decoder;
      return renderOption({ group: 'decoder', label: nameModel(model), about: model, checked }, () =>
        this.#change({ decoder }),
      );
    });
  }

  /** What else changes with the choice: the other side, where the two have no factor in common. */
  #renderConsequence(draft: Choice) {
    const { item, page } = this;
    const settled = this.#settle(draft);
    const other = this.side === 'left' ? 'right' : 'left';
    if (!settled || settled.choices[other] === item.choices[other]) return nothing;
    const name = nameMethod(item.choices[other], item.scale, page.shelf);
    return html`<p class="consequence soft" role="status">
      The ${other} side becomes “${METHOD_LABELS.pixels}”: ${name} has no ${formatFactor(settled.scale)}.
    </p>`;
  }

  /** What the button does, with the bytes where something has to be fetched. */
  #describeRun(draft: Choice): string {
    const { shelf } = this.page;
    const { method, lua, decoder, enlarger } = draft;
    const used = [method === 'lua' && lua, method === 'pixels' && enlarger, decoder];
    const missing = used.flatMap((id) => {
      const model = id ? shelf.find(id) : undefined;
      return model && needsFetch(model) ? [model] : [];
    });
    const scale = this.#settle(draft)?.scale;
    const factor = scale === this.item.scale || scale === undefined ? '' : ` at ${formatFactor(scale)}`;
    if (!missing.length) return `Show${factor}`;
    if (missing.some(({ bytes }) => bytes <= 0)) return `Fetch and show${factor}`;
    return `Fetch ${describeSize(missing)} and show${factor}`;
  }

  #settle(draft: Choice) {
    const { latent, scale, choices } = this.item;
    return latent && settleChoice({ latent, scale, choices }, this.side, draft, this.page.shelf);
  }

  async #change(change: Partial<Choice>): Promise<void> {
    if (!this.draft) return;
    this.draft = { ...this.draft, ...change };
    await this.updateComplete;
    // What is said at the lower edge takes room.
    this.renderRoot.querySelector('input:focus')?.closest('.option')?.scrollIntoView({ block: 'nearest' });
  }

  get #sideName(): string {
    return `${this.side} side`;
  }

  get #panel(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.panel')!;
  }

  get #opener(): HTMLButtonElement {
    return this.renderRoot.querySelector<HTMLButtonElement>('.current')!;
  }

  protected override firstUpdated(): void {
    this.#opener.popoverTargetElement = this.#panel;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    openLayers.delete(this);
    removeEventListener('resize', this.#place);
  }

  /** `toggle` comes a task after the panel is to be seen, or gone: too late for a key pressed in between. */
  readonly #onBeforeToggle = (event: ToggleEvent): void => {
    if (event.newState === 'open') {
      openLayers.add(this);
      addEventListener('resize', this.#place);
      return;
    }
    openLayers.delete(this);
    removeEventListener('resize', this.#place);
    // Browsers give the focus back only where the panel's opening took it.
    if (this.#panel.matches(':focus-within')) this.#opener.focus();
  };

  /** Whoever leaves the panel by the Tab key would go on beneath it. */
  readonly #onFocusOut = ({ relatedTarget }: FocusEvent): void => {
    const stays = relatedTarget === this.#opener || this.#panel.contains(relatedTarget as Node | null);
    if (relatedTarget && !stays) this.#panel.hidePopover();
  };

  readonly #onToggle = async (event: ToggleEvent): Promise<void> => {
    this.open = event.newState === 'open';
    if (!this.open) return;
    this.draft = { ...this.item.choices[this.side] };
    this.#place();
    await this.page.shelf.load();
    this.requestUpdate();
    await this.updateComplete;
    this.#place();
  };

  readonly #place = (): void => {
    if (this.open) placePanel(this.#panel, this.#opener.getBoundingClientRect());
  };

  readonly #apply = (event: SubmitEvent): void => {
    event.preventDefault();
    this.#panel.hidePopover();
    if (this.draft) this.page.choose(this.item, this.side, this.draft);
  };

  readonly #showModels = (): void => {
    this.#panel.hidePopover();
    this.page.showModels();
  };
}

/** The embedded LUA learnt together with the embedded decoder; docs/benchmarks.md has what TAESD's makes of its latents. */
function renderMismatch({ method, lua, decoder }: Choice) {
  if (method !== 'lua' || lua !== undefined || decoder === undefined) return nothing;
  return html`<p class="consequence soft" role="status">
    LUA is made for the embedded decoder. Through another one its pictures are worse.
  </p>`;
}

/** One of the list: a radio button with what there is to know. */
function renderOption(
  option: Partial<UpscalerOption> &
    Pick<UpscalerOption, 'label' | 'about'> & { group: string; checked: boolean },
  choose: () => void,
) {
  const { group, label, about, note, possible = true, checked } = option;
  const model = typeof about === 'string' ? undefined : about;
  const detail = [note, model && !model.embedded ? describeTerms(model) : ''].filter(Boolean);
  return html`
    <label class="option">
      <input
        type="radio"
        name=${group}
        value=${model?.id ?? label}
        .checked=${checked}
        ?disabled=${!possible}
        @change=${choose}
      />
      <span class="name" title=${label}>${label}</span>
      <span class="size soft">${model ? describeStored(model) : about}</span>
      ${detail.length ? html`<span class="detail soft">${detail.join('; ')}</span>` : nothing}
    </label>
  `;
}

/** Licence, origin, and consent that is still missing. What else is to say of a licence is in the list of models. */
function describeTerms(model: ModelStatus): string {
  const consent = model.gated && !model.complete ? ['asks for an account and consent'] : [];
  const [name] = model.licence.split(', ');
  const licence = model.custom ? `licence ${name}` : name;
  return [licence, describeOrigin(model), ...consent].filter(Boolean).join(', ');
}

customElements.define('leap-choice', LeapChoice);
