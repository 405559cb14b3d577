import { css, html, nothing } from 'lit';
import { SIDES, type SideId } from '../state/choice';
import type { Outcome, Run } from '../state/item';
import { formatMs } from '../text/format';
import { LeapElement } from '../ui/leap-element';
import { shared } from '../ui/shared-styles';
/** The two reports side by side: milliseconds per phase, tiles, models. */
export class LeapTimings extends LeapElement {
  static override properties = {
    run: { attribute: false },
    names: { attribute: false },
    version: {},
  };

  declare run: Run;
  declare names: Record<SideId, string>;
  /** Changes with the run's states, so that this element renders again. */
  declare version: unknown;

  static override styles = [
    shared,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 13px;
      }

      th,
      td {
        padding: 4px 0;
        border-bottom: 1px solid var(--line);
        font-weight: 400;
        text-align: right;
        white-space: nowrap;
      }

      th:first-child {
        text-align: left;
        color: var(--ink-soft);
      }

      thead th {
        max-width: 110px;
        overflow: hidden;
        text-overflow: ellipsis;
        font-weight: 600;
      }

      .total th,
      .total td {
        font-weight: 600;
        color: var(--ink);
      }

      .models {
        margin-top: 8px;
        font-size: 12px;
        font-stretch: var(--narrow);
        overflow-wrap: anywhere;
      }
    `,
  ];

  protected override render() {
    const outcomes = SIDES.map((id) => {
      const side = this.run[id];
      return side.state === 'done' ? side.outcome : undefined;
    });
    if (!outcomes.some(Boolean)) return nothing;
    const row = (name: string, value: (outcome: Outcome) => string, style = '') => html`
      <tr class=${style}>
        <th scope="row">${name}</th>
        ${outcomes.map((outcome) => html`<td>${outcome ? value(outcome) : '–'}</td>`)}
      </tr>
    `;
    return html`
      <table>
        <caption class="visually-hidden">
          Time per phase
        </caption>
        <thead>
          <tr>
            <th><span class="visually-hidden">Phase</span></th>
            ${SIDES.map((side) => html`<th scope="col">${this.names[side]}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${row('Prepare', ({ report }) => formatMs(report.ms.prepare))}
          ${row('Upscale', ({ report }) => formatMs(report.ms.upscale))}
          ${row('Decode', ({ report }) => formatMs(report.ms.decode))}
          ${row('Total', ({ report }) => formatMs(report.ms.total), 'total')}
          ${row('Tiles', ({ report }) => `${report.tiles.upscale} + ${report.tiles.decode}`)}
        </tbody>
      </table>
      ${renderModels(outcomes)}
    `;
  }
}

/** Which models were at work, each once. */
function renderModels(outcomes: readonly (Outcome | undefined)[]) {
  const ids = outcomes.flatMap((outcome) => {
    const { lua, decoder } = outcome?.report.models ?? {};
    return [lua, decoder].filter((id) => id !== undefined);
  });
  return html`<p class="models soft">${[...new Set(ids)].join(', ')}</p>`;
}

customElements.define('leap-timings', LeapTimings);
