import { css, html, LitElement, nothing } from 'lit';
import type { ModelStatus, Upscaler } from '../../client';
import { toLeapError } from '../../errors';
import { formatBytes } from '../format';
import type { Session } from '../state/session';
import { shared } from '../styles/shared';
import { FAMILY_LABELS } from './family-labels';
import { closeIcon } from './icons';

/** The dialogue with the models: what each is, how big, under which licence, and what of it is stored here. */
export class LeapModels extends LitElement {
  static override properties = {
    session: { attribute: false },
    models: { state: true },
    estimate: { state: true },
    problem: { state: true },
  };

  declare session: Session;
  declare private models: readonly ModelStatus[] | undefined;
  declare private estimate: StorageEstimate | undefined;
  declare private problem: string | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: contents;
      }

      dialog {
        width: min(760px, calc(100vw - 32px));
        max-height: min(80vh, 720px);
        padding: 0;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--surface);
        color: var(--ink);
      }

      dialog::backdrop {
        background: rgb(0 0 0 / 55%);
      }

      header,
      footer {
        position: sticky;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 16px;
        padding: 12px 16px;
        background: var(--surface);
      }

      header {
        top: 0;
        border-bottom: 1px solid var(--line);
      }

      footer {
        bottom: 0;
        border-top: 1px solid var(--line);
      }

      h2,
      footer p {
        margin-right: auto;
      }

      header button {
        display: grid;
        place-items: center;
        width: 32px;
        padding: 0;
      }

      .body {
        overflow-x: auto;
        padding: 4px 16px 12px;
      }

      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 13px;
      }

      th,
      td {
        padding: 6px 16px 6px 0;
        border-bottom: 1px solid var(--line);
        text-align: left;
        white-space: nowrap;
      }

      th {
        font-weight: 400;
        color: var(--ink-soft);
      }

      td:last-child,
      th:last-child {
        padding-right: 0;
        text-align: right;
      }
    `,
  ];

  /** Opens the dialogue and looks afresh at what is stored. */
  async show(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector('dialog')?.showModal();
    void this.#load();
  }

  protected override render() {
    return html`
      <dialog aria-labelledby="title">
        <header>
          <h2 id="title">Models</h2>
          <button class="quiet" aria-label="Close" @click=${this.#close}>${closeIcon}</button>
        </header>
        <div class="body" tabindex="0" role="region" aria-label="List of models" aria-live="polite">
          ${this.problem ? html`<p>${this.problem}</p>` : nothing} ${this.models ? this.#renderTable(this.models) : nothing}
        </div>
        <footer>
          <p class="soft">${this.#describeStorage()}</p>
          <button ?disabled=${!this.models?.some((model) => model.cachedBytes)} @click=${() => this.#change((upscaler) => upscaler.clearCache())}>
            Delete stored models
          </button>
        </footer>
      </dialog>
    `;
  }

  #renderTable(models: readonly ModelStatus[]) {
    return html`
      <table>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Family</th>
            <th scope="col">Licence</th>
            <th scope="col">Size</th>
            <th scope="col">Stored</th>
            <th><span class="visually-hidden">Delete</span></th>
          </tr>
        </thead>
        <tbody>
          ${models.map(
            (model) => html`<tr title=${model.source}>
              <td>${model.label}</td>
              <td>${FAMILY_LABELS[model.family]}</td>
              <td>${model.licence}</td>
              <td>${formatBytes(model.bytes)}</td>
              <td>${describeStored(model)}</td>
              <td>${model.cachedBytes ? this.#renderRemove(model) : nothing}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    `;
  }

  #renderRemove({ id, label, family }: ModelStatus) {
    return html`<button
      class="link"
      aria-label="Delete ${label}, ${FAMILY_LABELS[family]}"
      @click=${() => this.#change((upscaler) => upscaler.removeModel(id))}
    >
      Delete
    </button>`;
  }

  #describeStorage(): string {
    const { usage, quota } = this.estimate ?? {};
    if (usage === undefined || quota === undefined) return 'Models are kept in this browser.';
    return `This page uses ${formatBytes(usage)} of the ${formatBytes(quota)} the browser allows it.`;
  }

  async #load(): Promise<void> {
    this.problem = undefined;
    try {
      this.models = await this.session.reader.use((upscaler) => upscaler.models());
      this.estimate = await navigator.storage?.estimate();
    } catch (thrown) {
      this.problem = toLeapError(thrown).message;
    }
  }

  async #change(work: (upscaler: Upscaler) => Promise<void>): Promise<void> {
    try {
      await this.session.reader.use(work);
      await this.#load();
    } catch (thrown) {
      this.problem = toLeapError(thrown).message;
    }
  }

  readonly #close = (): void => this.renderRoot.querySelector('dialog')?.close();
}

function describeStored({ bytes, cachedBytes }: ModelStatus): string {
  if (!cachedBytes) return 'no';
  return cachedBytes >= bytes ? 'yes' : `${formatBytes(cachedBytes)} of it`;
}

customElements.define('leap-models', LeapModels);
