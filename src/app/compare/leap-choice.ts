import { html, nothing } from 'lit';
import type { ModelStatus, PixelFilter } from '../../client';
import { type Choice, isSameChoice, type SideId } from '../state/choice';
import type { Item } from '../state/item';
import type { Session } from '../state/session';
import { describeOrigin, describeSize, describeStored, nameModel, needsFetch } from '../text/describe-model';
import { FILTER_LABELS, METHOD_LABELS, nameDecoder } from '../text/name-sides';
import { downIcon } from '../ui/icons';
import { LeapElement } from '../ui/leap-element';
import { openLayers } from '../ui/open-layers';
import { shared } from '../ui/shared-styles';
import { choiceStyles } from './choice-styles';
import { placePanel } from './place-panel';

const FILTERS: readonly PixelFilter[] = ['lanczos', 'bicubic'];

/**
 * Chooses what makes the picture of one side: bicubic or a LUA, and a decoder. Nothing is fetched before the button
 * is pressed that says how much it is.
 */
export class LeapChoice extends LeapElement {
  static override properties = {
    side: {},
    session: { attribute: false },
    item: { attribute: false },
    version: {},
    draft: { state: true },
    open: { state: true },
  };

  declare side: SideId;
  declare session: Session;
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
    const { shelf } = this.session;
    const name = nameDecoder(this.item.choices[this.side], shelf);
    return html`
      <button
        class="current"
        title=${name}
        aria-haspopup="dialog"
        aria-expanded=${this.open}
        aria-label="${this.#sideName}: ${name}. Choose models"
      >
        <span>${name}</span>${downIcon}
      </button>
      <div class="panel" popover role="dialog" aria-label="Models, ${this.#sideName}"
        @beforetoggle=${this.#onBeforeToggle} @toggle=${this.#onToggle}>
        ${this.open && this.draft ? this.#renderForm(this.draft) : nothing}
      </div>
    `;
  }

  #renderForm(draft: Choice) {
    const { models, problem } = this.session.shelf;
    return html`
      ${models ? nothing : html`<p class="unread soft" role="status">${problem?.message ?? 'Looking up the models'}</p>`}
      <form @submit=${this.#apply}>
        <fieldset>
          <legend>Enlarge with</legend>
          ${this.#renderOption('lua', METHOD_LABELS.bicubic, draft.method === 'bicubic', { method: 'bicubic', enlarger: undefined }, 'in latent space')}
          ${this.#renderModels('lua', draft)} ${FILTERS.map((filter) => this.#renderFilter(filter, draft))}
        </fieldset>
        <fieldset>
          <legend>Decode with</legend>
          ${this.#renderModels('decoder', draft)}
        </fieldset>
        <footer>
          <button type="button" class="link" @click=${this.#showModels}>All models</button>
          <button class="primary" ?disabled=${isSameChoice(draft, this.item.choices[this.side])}>
            ${this.#describeRun(draft)}
          </button>
        </footer>
      </form>
    `;
  }

  #renderFilter(enlarger: PixelFilter, draft: Choice) {
    const chosen = draft.method === 'pixels' && draft.enlarger === enlarger;
    return this.#renderOption(
      'lua',
      FILTER_LABELS[enlarger],
      chosen,
      { method: 'pixels', enlarger },
      'in pixels',
    );
  }

  #renderModels(kind: 'lua' | 'decoder', draft: Choice) {
    return this.#fitting(kind).map((model) => {
      const id = model.embedded ? undefined : model.id;
      const chosen = draft[kind] === id && (kind === 'decoder' || draft.method === 'lua');
      const change: Partial<Choice> =
        kind === 'lua' ? { method: 'lua', lua: id, enlarger: undefined } : { decoder: id };
      return this.#renderOption(kind, nameModel(model), chosen, change, model);
    });
  }

  #renderOption(
    group: 'lua' | 'decoder',
    label: string,
    checked: boolean,
    change: Partial<Choice>,
    about: ModelStatus | string,
  ) {
    const model = typeof about === 'string' ? undefined : about;
    return html`
      <label class="option">
        <input
          type="radio"
          name=${group}
          value=${model?.id ?? label}
          .checked=${checked}
          @change=${() => this.#change(change)}
        />
        <span class="name" title=${label}>${label}</span>
        <span class="size soft">${model ? describeStored(model) : about}</span>
        ${model && !model.embedded ? html`<span class="detail soft">${describeModel(model)}</span>` : nothing}
      </label>
    `;
  }

  /** Models for this family; a latent upscaler only if it offers the scale. */
  #fitting(kind: 'lua' | 'decoder'): ModelStatus[] {
    const { latent, scale } = this.item;
    if (!latent) return [];
    return this.session.shelf
      .fitting(latent.family, kind)
      .filter((model) => kind === 'decoder' || offersScale(model, scale));
  }

  /** What the button does, with the bytes where something has to be fetched. */
  #describeRun({ method, lua, decoder }: Choice): string {
    const { shelf } = this.session;
    const missing = [method === 'lua' ? shelf.find(lua) : undefined, shelf.find(decoder)].filter(
      (model) => model && needsFetch(model),
    ) as ModelStatus[];
    if (!missing.length) return 'Show';
    if (missing.some(({ bytes }) => bytes <= 0)) return 'Fetch and show';
    return `Fetch ${describeSize(missing)} and show`;
  }

  #change(change: Partial<Choice>): void {
    if (this.draft) this.draft = { ...this.draft, ...change };
  }

  get #sideName(): string {
    return `${this.side} side`;
  }

  get #panel(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.panel')!;
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLButtonElement>('.current')!.popoverTargetElement = this.#panel;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    openLayers.delete(this);
  }

  /** `toggle` comes a task after the panel is to be seen, or gone: too late for a key pressed in between. */
  readonly #onBeforeToggle = (event: ToggleEvent): void => {
    if (event.newState === 'open') openLayers.add(this);
    else openLayers.delete(this);
  };

  readonly #onToggle = async (event: ToggleEvent): Promise<void> => {
    this.open = event.newState === 'open';
    if (!this.open) return;
    this.draft = { ...this.item.choices[this.side] };
    this.#settle();
    await this.session.shelf.load();
    this.requestUpdate();
    await this.updateComplete;
    this.#settle();
  };

  #settle(): void {
    if (!this.open) return;
    const button = this.renderRoot.querySelector('.current')!;
    placePanel(this.#panel, button.getBoundingClientRect());
  }

  readonly #apply = (event: SubmitEvent): void => {
    event.preventDefault();
    this.#panel.hidePopover();
    if (this.draft) this.session.choose(this.item, this.side, this.draft);
  };

  readonly #showModels = (): void => {
    this.#panel.hidePopover();
    this.session.showModels();
  };
}

/** Licence, origin, and what stands in the way. */
function describeModel(model: ModelStatus): string {
  const consent = model.gated && !model.complete ? ['asks for an account and consent'] : [];
  const licence = model.custom ? `licence ${model.licence}` : model.licence;
  return [licence, describeOrigin(model), ...consent].filter(Boolean).join(', ');
}

customElements.define('leap-choice', LeapChoice);

function offersScale({ scales, scaleRange }: ModelStatus, scale: number): boolean {
  const [least, greatest] = scaleRange ?? [scale, 0];
  return (scales?.includes(scale) ?? false) || (scale > least && scale <= greatest);
}
