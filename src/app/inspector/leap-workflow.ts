import { css, html, nothing } from 'lit';
import { saveFile } from '../save/save-file';
import { fileStem } from '../text/format';
import { ItemElement } from '../ui/item-element';
import { shared } from '../ui/shared-styles';
import { summariseWorkflow } from './summarise-workflow';

/** What ComfyUI has kept with the latent: how it was made, to be read, copied and saved. */
export class LeapWorkflow extends ItemElement {
  static override styles = [
    shared,
    css`
      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 4px 12px;
        margin: 8px 0;
        font-size: 0.8125rem;
      }

      dd {
        max-height: 8lh;
        overflow: auto;
        overflow-wrap: anywhere;
        white-space: pre-wrap;
      }

      p {
        font-size: 0.8125rem;
        text-wrap: pretty;
      }

      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-top: 8px;
      }
    `,
  ];

  protected override render() {
    const graphs = this.item.latent?.provenance.graphs;
    if (!graphs) return nothing;
    const { workflow, prompt } = graphs;
    return html`
      <details>
        <summary>ComfyUI workflow</summary>
        <dl>
          ${summariseWorkflow(graphs).map(({ name, value }) => html`<dt class="soft">${name}</dt><dd>${value}</dd>`)}
        </dl>
        <p class="soft">
          It made the latent before it was enlarged here. It is kept in the PNG and in the latent files that you save:
          ComfyUI opens it from them.
        </p>
        <div class="row">
          <button @click=${() => this.#copy(workflow ?? prompt!)}>Copy as JSON</button>
          <button @click=${() => this.#save(workflow ?? prompt!)}>Save as JSON</button>
        </div>
      </details>
    `;
  }

  async #copy(json: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(json);
      this.page.announce('The workflow is in the clipboard.');
    } catch {
      this.page.notify({ code: 'clipboard', message: 'The browser does not let this page copy.' });
    }
  }

  #save(json: string): void {
    saveFile(`${fileStem(this.item.name)}.workflow.json`, new Blob([json], { type: 'application/json' }));
  }
}

customElements.define('leap-workflow', LeapWorkflow);
