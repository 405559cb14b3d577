import { html, LitElement, nothing } from 'lit';
import type { FamilyId, ModelKind, ModelStatus } from '../../client';
import '../ui/leap-announcer';
import '../ui/leap-problem';
import type { PageState } from '../state/page-state';
import { FAMILY_LABELS } from '../text/family-labels';
import { formatBytes } from '../text/format';
import { closeIcon } from '../ui/icons';
import { openLayers } from '../ui/open-layers';
import { shared } from '../ui/shared-styles';
import { describeOffline } from './describe-offline';
import './leap-add-model';
import type { LeapAddModel } from './leap-add-model';
import { modelsStyles } from './models-styles';
import { type ModelActions, renderModel } from './render-model';
import { ShelfController } from './shelf-controller';

const KINDS: Record<ModelKind, string> = {
  lua: 'Enlarge in latent space',
  decoder: 'Decode',
  encoder: 'Encode pictures',
  enlarger: 'Enlarge decoded pictures',
};

/** The dialogue for the models: lists them, says which are stored, and adds, fetches, keeps and removes them. */
export class LeapModels extends LitElement {
  static override properties = { page: { attribute: false }, family: { state: true } };

  declare page: PageState;
  /** The only one that is listed; empty for all. */
  declare private family: string;

  static override styles = [shared, modelsStyles];

  constructor() {
    super();
    new ShelfController(this);
    this.family = '';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    openLayers.delete(this);
  }

  /** Opens the dialogue, at the family that is being worked on, and looks afresh at what is stored. */
  async show(): Promise<void> {
    this.family = this.page.selected?.latent?.family ?? this.family;
    await this.updateComplete;
    this.renderRoot.querySelector('dialog')?.showModal();
    openLayers.add(this);
    await this.page.shelf.load();
  }

  protected override render() {
    const { models, problem } = this.page.shelf;
    return html`
      <dialog
        aria-labelledby="title"
        @dragover=${allowDrop}
        @drop=${this.#drop}
        @click=${this.#closeOutside}
        @close=${() => openLayers.delete(this)}
      >
        <header>
          <h2 id="title">Models</h2>
          ${this.#renderFilter()}
          <button class="quiet" aria-label="Close" @click=${this.#close}>${closeIcon}</button>
        </header>
        <div class="body" tabindex="0" role="region" aria-label="List of models">
          ${problem ? html`<leap-problem .error=${problem} @retry=${() => this.page.shelf.retry()}></leap-problem>` : nothing}
          ${models ? this.#renderLists(models) : html`<p class="soft" role="status">Looking up the models</p>`}
          <leap-add-model .page=${this.page} @added=${this.#showAdded}></leap-add-model>
        </div>
        <footer>${this.#renderStorage(models)} ${this.#renderClear(models)}</footer>
        <leap-announcer .page=${this.page}></leap-announcer>
      </dialog>
    `;
  }

  #renderFilter() {
    return html`
      <select aria-label="Family" @change=${this.#setFamily}>
        <option value="" .selected=${this.family === ''}>All families</option>
        ${Object.entries(FAMILY_LABELS).map(
          ([id, label]) => html`<option value=${id} .selected=${id === this.family}>${label}</option>`,
        )}
      </select>
    `;
  }

  #renderLists(models: readonly ModelStatus[]) {
    const shown = models.filter((model) => this.#isListed(model));
    return (Object.keys(KINDS) as ModelKind[]).map((kind) => {
      const some = shown.filter((model) => model.kind === kind);
      if (!some.length) return nothing;
      return html`
        <h3 id=${kind}>${KINDS[kind]}</h3>
        <ul aria-labelledby=${kind}>
          ${some.map((model) => renderModel(model, this.page.shelf.downloads.get(model.id), this.#actions))}
        </ul>
      `;
    });
  }

  /** Upscalers of pictures are for all families. */
  #isListed({ family, kind }: ModelStatus): boolean {
    return !this.family || family === this.family || kind === 'enlarger';
  }

  #renderStorage(models: readonly ModelStatus[] | undefined) {
    const offline = describeOffline(models ?? []);
    const { usage, quota } = this.page.shelf.estimate ?? {};
    if (usage === undefined || quota === undefined) {
      return html`<p class="storage soft">Models are kept in this browser. ${offline}</p>`;
    }
    return html`
      <div class="storage">
        <p class="soft">
          This page uses ${formatBytes(usage)} of the ${formatBytes(quota)} the browser allows it. ${offline}
        </p>
        <meter aria-label="Storage used" max=${quota} .value=${usage} high=${quota * 0.8}></meter>
      </div>
    `;
  }

  /** Of what is listed: what a filter hides may have been fetched for long. */
  #renderClear(models: readonly ModelStatus[] | undefined) {
    const gone = (models ?? []).filter(
      (model) => model.cachedBytes > 0 && !model.pinned && this.#isListed(model),
    );
    const of = this.family ? ` for ${FAMILY_LABELS[this.family as FamilyId]}` : '';
    const clear = () => {
      const { shelf } = this.page;
      void (this.family ? shelf.remove(...gone.map(({ id }) => id)) : shelf.clear());
    };
    return html`<button ?disabled=${!gone.length} @click=${clear}>Delete what is not kept${of}</button>`;
  }

  readonly #actions: ModelActions = {
    fetch: (id) => void this.page.shelf.fetch(id),
    cancel: (id) => this.page.shelf.cancel(id),
    pin: (id, pinned) => void this.page.shelf.pin(id, pinned),
    remove: (id) => void this.page.shelf.remove(id),
  };

  /** The list must not hide it. */
  readonly #showAdded = ({ detail: { kind, family } }: CustomEvent<ModelStatus>): void => {
    if (this.family && kind !== 'enlarger') this.family = family;
  };

  readonly #setFamily = (event: Event): void => {
    this.family = (event.target as HTMLSelectElement).value;
  };

  /** Over the dialogue a file is a model; prevented, so that the page does not take it for a latent. */
  readonly #drop = (event: DragEvent): void => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    void this.renderRoot.querySelector<LeapAddModel>('leap-add-model')?.take(file);
  };

  readonly #close = (): void => this.renderRoot.querySelector('dialog')?.close();

  /** A click on the backdrop arrives at the dialogue itself. */
  readonly #closeOutside = (event: MouseEvent): void => {
    if (event.target === event.currentTarget) this.#close();
  };
}

function allowDrop(event: DragEvent): void {
  event.preventDefault();
}

customElements.define('leap-models', LeapModels);
