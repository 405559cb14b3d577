import { css, html, LitElement, nothing } from 'lit';
import type { LeapError } from '../../client';
import { METHOD_LABELS } from '../../element/latent/method-labels';
import { toLeapError } from '../../errors';
import type { PageState } from '../state/page-state';
import '../ui/leap-announcer';
import '../ui/leap-dialog';
import '../ui/leap-problem';
import { shared } from '../ui/shared-styles';
import { describeBench, type Machine } from './describe-bench';
import { measureDevice } from './measure-device';

/** The dialogue about this device: what computes, how fast, with how much memory, as text for a bug report. */
export class LeapDevice extends LitElement {
  static override properties = {
    page: { attribute: false },
    lines: { state: true },
    doing: { state: true },
    problem: { state: true },
  };

  declare page: PageState;
  declare private lines: readonly string[];
  /** What is being timed. */
  declare private doing: string | undefined;
  declare private problem: LeapError | undefined;
  #abort = new AbortController();

  static override styles = [
    shared,
    css`
      ul {
        display: flex;
        flex-direction: column;
        gap: 6px;
        margin: 12px 0;
        overflow-wrap: anywhere;
      }

      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: center;
        margin-top: 12px;
      }
    `,
  ];

  constructor() {
    super();
    this.lines = [];
    this.doing = undefined;
    this.problem = undefined;
  }

  async show(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector('leap-dialog')?.show();
    if (!this.lines.length) this.lines = describeBench([], await readMachine());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort.abort();
  }

  protected override render() {
    return html`
      <leap-dialog heading="This device">
        <p class="soft">
          Measuring enlarges a made-up latent to 512 × 512 pixels by Lanczos and by LUA, after the queue. Nothing is
          sent anywhere.
        </p>
        <ul aria-label="About this device">
          ${this.lines.map((line) => html`<li>${line}</li>`)}
        </ul>
        ${this.problem ? html`<leap-problem .error=${this.problem} @retry=${this.#measure}></leap-problem>` : nothing}
        <div class="row">
          ${this.doing ? html`<span role="status">Measuring ${this.doing}</span>` : nothing}
          <button class=${this.doing ? '' : 'primary'} @click=${this.#measureOrCancel}>
            ${this.doing ? 'Cancel' : 'Measure'}
          </button>
          <button @click=${this.#copy}>Copy as text</button>
        </div>
        <leap-announcer .page=${this.page}></leap-announcer>
      </leap-dialog>
    `;
  }

  /** One button for both, which keeps the focus when one becomes the other. */
  readonly #measureOrCancel = (): void => {
    if (this.doing) this.#abort.abort();
    else void this.#measure();
  };

  readonly #measure = async (): Promise<void> => {
    this.problem = undefined;
    this.#abort = new AbortController();
    try {
      const timings = await measureDevice(this.page.engine, this.#abort.signal, (method) => {
        this.doing = METHOD_LABELS[method];
      });
      this.lines = describeBench(timings, await readMachine());
    } catch (thrown) {
      const error = toLeapError(thrown);
      if (error.code !== 'cancelled') this.problem = error;
    }
    this.doing = undefined;
  };

  readonly #copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(['Latent Leap', ...this.lines].join('\n'));
      this.page.announce('The text is in the clipboard.');
    } catch (thrown) {
      this.problem = toLeapError(thrown);
    }
  };
}

async function readMachine(): Promise<Machine> {
  const { userAgent, hardwareConcurrency } = navigator;
  return {
    browser: userAgent,
    cores: hardwareConcurrency,
    memoryGb: (navigator as { deviceMemory?: number }).deviceMemory,
    isolated: crossOriginIsolated,
    storage: await navigator.storage?.estimate(),
  };
}

customElements.define('leap-device', LeapDevice);
