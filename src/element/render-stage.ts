import { html, nothing } from 'lit';
import type { Mode } from './modes';
import { nameDifference } from './name-difference';
import { type ComparedSide, SIDES, type SideId } from './sides';

type Sides = Record<SideId, ComparedSide>;

interface Panes {
  sides: Sides;
  /** Name of what the pictures are of. */
  subject: string;
  mode: Mode;
  /** The side that flipping shows. */
  front: SideId;
  /** There is not a picture yet, so there is nothing to label. */
  empty: boolean;
}

/** Both halves, each with its picture, or a slot for one, and its label. */
export function renderPanes({ sides, subject, mode, front, empty }: Panes, onSlot: () => void) {
  return SIDES.map((side) => {
    const { picture, label, rough } = sides[side];
    const name = [subject, label].filter(Boolean).join(': ');
    return html`
      <div class="pane" data-side=${side} ?data-behind=${mode === 'flip' && side !== front}>
        <div
          class="picture"
          role=${empty ? nothing : 'img'}
          aria-label=${empty ? nothing : `${name}${rough ? ', rough preview' : ''}`}
          ?data-preview=${rough}
        >
          ${picture ?? html`<slot name=${side} @slotchange=${onSlot}></slot>`}
        </div>
        ${label && !empty && mode !== 'difference' ? renderLabel(sides[side]) : nothing}
      </div>
    `;
  });
}

function renderLabel({ label, note, marked }: ComparedSide) {
  return html`<span class="tag ${marked ? 'marked' : ''}" part="label"
    ><b>${label}</b>${note ? html`<span>${note}</span>` : nothing}</span
  >`;
}

export function renderDifferenceLabel(sides: Sides) {
  return renderLabel(nameDifference(sides));
}

/** @param place 0..1 of the stage's width */
export function renderDivider({ left, right }: Sides, place: number, onKey: (event: KeyboardEvent) => void) {
  const percent = Math.round(place * 100);
  const [from, to] = [left.label || 'left', right.label || 'right'];
  return html`
    <div
      class="divider"
      part="divider"
      role="slider"
      tabindex="0"
      aria-label="Divider between ${from} and ${to}"
      aria-orientation="horizontal"
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${percent}
      aria-valuetext="${percent} percent ${from}"
      @keydown=${onKey}
    >
      <span class="grip"></span>
    </div>
  `;
}

export function renderLoupe() {
  return html`
    <div class="loupe" aria-hidden="true" hidden>
      ${SIDES.map((side) => html`<canvas data-side=${side}></canvas>`)}
    </div>
  `;
}
