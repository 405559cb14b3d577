import { css, html, LitElement, nothing } from 'lit';
import type { Scale } from '../../client';
import type { Choice, SideId } from '../state/choice';
import type { Outcome, Problem, Side } from '../state/item';
import type { ModelShelf } from '../state/model-shelf';
import type { Reference } from '../state/read/reference';
import { describeForecast } from '../text/describe-progress';
import { explainError } from '../text/explain-error';
import { formatMs, lowerFirst } from '../text/format';
import { nameChoice, nameMethod } from '../text/name-sides';
import { shared } from '../ui/shared-styles';

/** Names one side of the comparison: what enlarged it, and the time of each phase; or how far it has got. */
export class LeapSideLabel extends LitElement {
  static override properties = {
    side: {},
    choice: { attribute: false },
    scale: { attribute: false },
    shelf: { attribute: false },
    result: { attribute: false },
    instead: { attribute: false },
  };

  declare side: SideId;
  declare choice: Choice;
  declare scale: Scale;
  declare shelf: ModelShelf;
  declare result: Side;
  /** What is seen in place of this side's picture. */
  declare instead: Reference | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        min-width: 0;
        padding: 8px 8px 9px 16px;
        overflow: hidden;
      }

      /* A model of one's own may have a long name; the title has all of it. */
      .name {
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow: hidden;
        font-weight: 600;
        line-height: 1.3;
        overflow-wrap: anywhere;
      }

      .name::before {
        content: '';
        display: inline-block;
        width: 8px;
        height: 8px;
        margin-right: 8px;
        border: 1.5px solid var(--line-strong);
      }

      .name.lua::before {
        border-color: var(--accent);
        background: var(--accent);
      }

      @media (forced-colors: active) {
        .name.lua::before {
          forced-color-adjust: none;
          border-color: Highlight;
          background: Highlight;
        }
      }

      .times {
        display: flex;
        flex-wrap: wrap;
        column-gap: 12px;
        color: var(--ink-soft);
        font-size: 0.8125rem;
        font-stretch: var(--narrow);
      }

      .problem {
        color: var(--problem);
      }

      @media (max-width: 30em) {
        :host {
          padding-inline: 12px 4px;
        }

        .name::before {
          margin-right: 6px;
        }

        /* The picture below does not move while words come and go. */
        .times {
          min-height: 2lh;
        }
      }

      /* Across the whole label, whatever else is in it. */
      .bar {
        position: absolute;
        inset: auto 0 0;
        height: 2px;
        background: var(--line);
      }

      .bar > i {
        display: block;
        height: 100%;
        background: var(--accent);
        transform-origin: left;
      }

      @media (forced-colors: active) {
        .bar {
          forced-color-adjust: none;
          background: Canvas;
        }

        .bar > i {
          background: Highlight;
        }
      }

      .bar.unknown > i {
        width: 30%;
        animation: run 1.4s ease-in-out infinite alternate;
      }

      @keyframes run {
        to {
          transform: translateX(233%);
        }
      }

      @media (prefers-reduced-motion: reduce) {
        .bar.unknown > i {
          width: 100%;
          opacity: 0.5;
          animation: none;
        }
      }
    `,
  ];

  protected override render() {
    const { result, instead } = this;
    const name = instead?.label ?? this.#name;
    return html`
      <div class="name ${instead ? '' : this.choice.method}" title=${name}>${name}</div>
      <div class="times">${this.#renderState()}</div>
      ${result.state === 'running' ? this.#renderBar(result.forecast.share) : nothing}
    `;
  }

  get #name(): string {
    return nameMethod(this.choice, this.scale, this.shelf);
  }

  #renderState() {
    const { result } = this;
    switch (result.state) {
      case 'idle':
        return 'Not run';
      case 'waiting':
        return 'Waiting';
      case 'running':
        return describeForecast(result.forecast);
      case 'failed':
        return html`<span class="problem">${explainError(result.problem.error).title}</span>`;
      case 'done':
        if (result.problem) return this.#renderFailedChoice(result.problem);
        return this.instead ? `in place of “${this.#name}”` : renderTimes(result.outcome);
    }
  }

  /** Names the choice that failed, because the label names the picture that stayed. */
  #renderFailedChoice({ choice, scale, error }: Problem) {
    const { title } = explainError(error);
    return html`<span class="problem">${nameChoice(choice, scale, this.shelf)}: ${lowerFirst(title)}</span>`;
  }

  #renderBar(share: number | undefined) {
    const percent = share === undefined ? nothing : Math.round(share * 100);
    return html`
      <div
        class="bar ${share === undefined ? 'unknown' : ''}"
        role="progressbar"
        aria-label=${this.#name}
        aria-valuenow=${percent}
      >
        <i></i>
      </div>
    `;
  }

  protected override updated(): void {
    const bar = this.renderRoot.querySelector<HTMLElement>('.bar > i');
    if (!bar || this.result.state !== 'running') return;
    const { share } = this.result.forecast;
    bar.style.transform = share === undefined ? '' : `scaleX(${share})`;
  }
}

function renderTimes({ report, png }: Outcome) {
  const { upscale, decode, enlarge } = report.ms;
  return html`
    ${report.method === 'pixels' ? nothing : html`<span>upscale ${formatMs(upscale)}</span>`}
    <span>decode ${formatMs(decode)}</span>
    ${report.method === 'pixels' ? html`<span>enlarge ${formatMs(enlarge)}</span>` : nothing}
    ${png ? html`<span>shown reduced, saved whole</span>` : nothing}
  `;
}

customElements.define('leap-side-label', LeapSideLabel);
