import { css, html, nothing } from 'lit';
import type { Report } from '../../client';
import { SIDES, type SideId } from '../state/choice';
import type { Outcome, Run } from '../state/item';
import type { ModelShelf } from '../state/model-shelf';
import { describeDevice } from '../text/describe-device';
import { formatBytes, formatMs } from '../text/format';
import { nameFilter } from '../text/name-sides';
import { LeapElement } from '../ui/leap-element';
import { shared } from '../ui/shared-styles';

const NOT_DONE = '–';

/** What the two pictures took, side by side: time, tiles, memory, and what made them. */
export class LeapTimings extends LeapElement {
  static override properties = {
    run: { attribute: false },
    names: { attribute: false },
    shelf: { attribute: false },
    version: {},
  };

  declare run: Run;
  declare names: Record<SideId, string>;
  declare shelf: ModelShelf;
  /** Changes with the run's states, so that this element renders again. */
  declare version: unknown;

  static override styles = [
    shared,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 0.8125rem;
      }

      th,
      td {
        padding: 4px 0;
        border-bottom: 1px solid var(--line);
        font-weight: 400;
        text-align: right;
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
        font-size: 0.75rem;
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
        ${outcomes.map((outcome) => html`<td>${outcome ? value(outcome) : NOT_DONE}</td>`)}
      </tr>
    `;
    /** Only where it took any time at all. */
    const time = (name: string, phase: keyof Report['ms']) =>
      outcomes.some((outcome) => outcome && outcome.report.ms[phase] >= 1)
        ? row(name, ({ report }) => (report.ms[phase] >= 1 ? formatMs(report.ms[phase]) : NOT_DONE))
        : nothing;
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
          ${time('Getting ready', 'prepare')} ${time('Enlarging the latent', 'upscale')}
          ${time('Decoding', 'decode')} ${time('Enlarging pixels', 'enlarge')}
          ${row('All together', ({ report }) => formatMs(report.ms.total), 'total')}
          ${row('Worked on', ({ report }) => describeTiles(report.tiles))}
          ${row('Memory planned', ({ report }) => formatBytes(report.memory.plannedBytes))}
        </tbody>
      </table>
      <p class="models soft">${this.#describeModels(outcomes)}</p>
    `;
  }

  /** Which models were at work, each once, and on what. */
  #describeModels(outcomes: readonly (Outcome | undefined)[]): string {
    const reports = outcomes.flatMap((outcome) => (outcome ? [outcome.report] : []));
    const ids = reports.flatMap(({ models: { lua, decoder, enlarger } }) => [lua, decoder, enlarger]);
    const names = ids.flatMap((id) => (id ? [this.shelf.find(id)?.label ?? nameFilter(id)] : []));
    const devices = reports.map(describeDevice);
    return `Made by ${list(names)}, on ${list(devices)}.`;
  }
}

/** 'one piece', or '4 tiles' where every step had as many, or '4 and 9 tiles'. */
function describeTiles({ upscale, decode, enlarge }: Report['tiles']): string {
  const counts = [...new Set([upscale, decode, enlarge].filter((count) => count > 0))];
  if (counts.every((count) => count === 1)) return 'one piece';
  return `${counts.join(' and ')} tiles`;
}

/** Each once, with 'and' before the last. */
function list(names: readonly string[]): string {
  const all = [...new Set(names)];
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join('; ')} and ${all.at(-1)}`;
}

customElements.define('leap-timings', LeapTimings);
