import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import type { ModelStatus } from '../../client';
import { nameModel } from '../../element/latent/name-model';
import type { Download } from '../state/model-shelf';
import { describeBytes, progressShare } from '../text/describe-progress';
import { FAMILY_LABELS } from '../text/family-labels';
import { describeStored } from '../text/model-words';
import { renderOrigin } from './render-origin';

export interface ModelActions {
  fetch(id: string): void;
  cancel(id: string): void;
  pin(id: string, pinned: boolean): void;
  remove(id: string): void;
}

/** One model of the list: what it is, its origin and licence, how much of it is stored, and what can be done. */
export function renderModel(model: ModelStatus, download: Download | undefined, actions: ModelActions) {
  const { id, kind, pinned, family, custom } = model;
  const name = kind === 'enlarger' ? nameModel(model) : `${nameModel(model)}, ${FAMILY_LABELS[family]}`;
  return html`
    <li class="model" data-id=${id}>
      <div class="what">
        <p class="name">${name}</p>
        <p class="about soft">
          <span>${describeStored(model)}</span><span>${custom ? 'licence ' : ''}${model.licence}</span>${renderOrigin(model)}
        </p>
      </div>
      <label class="keep">
        <input
          type="checkbox"
          aria-label="Keep offline: ${name}"
          .checked=${live(download?.keep ?? pinned)}
          ?disabled=${Boolean(download)}
          @change=${(event: Event) => actions.pin(id, (event.target as HTMLInputElement).checked)}
        />
        Keep offline
      </label>
      ${renderAction(model, name, download, actions)} ${download ? renderDownload(name, download) : nothing}
    </li>
  `;
}

function renderAction(
  { id, custom, complete, cachedBytes }: ModelStatus,
  name: string,
  download: Download | undefined,
  actions: ModelActions,
) {
  const button = (label: string, run: () => void) =>
    html`<button class="act" aria-label="${label} ${name}" @click=${run}>${label}</button>`;
  if (download) return button('Cancel', () => actions.cancel(id));
  if (custom) return button('Remove', () => actions.remove(id));
  if (complete) return button('Delete', () => actions.remove(id));
  return button(cachedBytes ? 'Fetch rest' : 'Fetch', () => actions.fetch(id));
}

/** The bytes so far. There is no bar as long as the total is not known. */
function renderDownload(name: string, { progress }: Download) {
  const share = progressShare(progress);
  const text = progress?.phase === 'download' ? describeBytes(progress.done, progress.total) : 'Starting';
  return html`
    <div class="loading">
      <progress aria-label="Fetching ${name}" max="1" .value=${share ?? nothing}></progress>
      <span>${text}</span>
    </div>
  `;
}
