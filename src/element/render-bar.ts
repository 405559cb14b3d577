import { html } from 'lit';
import { MODES, type Mode } from './modes';
import type { Viewport } from './view/viewport';

export interface BarActions {
  mode(mode: Mode): void;
  loupe(): void;
  zoomBy(factor: number): void;
  zoomTo(zoom: number): void;
  fit(): void;
}

export interface BarState {
  mode: Mode;
  loupe: boolean;
  viewport: Viewport;
}

/** Pixels of the screen, not those of CSS: on a dense screen nothing is blurred. */
const LEVEL = '100 %: a pixel of the picture on each pixel of the screen';

/** The controls under the comparison: how the sides are shown, and how large. Tooltips name the keys. */
export function renderBar({ mode: current, loupe, viewport }: BarState, actions: BarActions) {
  return html`
    <div class="bar" part="bar">
      <div class="segmented" role="group" aria-label="View">
        ${MODES.map(
          ({ mode, label, key }) => html`<button
            aria-pressed=${mode === current}
            title=${key}
            @click=${() => actions.mode(mode)}
          >
            ${label}
          </button>`,
        )}
      </div>
      <slot name="tools"></slot>
      <div class="zoom" role="group" aria-label="Zoom">
        <button class="quiet" title="L" aria-pressed=${loupe} @click=${actions.loupe}>Loupe</button>
        <button class="quiet" aria-label="Zoom out" title="−" @click=${() => actions.zoomBy(Math.SQRT1_2)}>−</button>
        <span class="level" title=${LEVEL}>${formatZoom(viewport.zoom)}</span>
        <button class="quiet" aria-label="Zoom in" title="+" @click=${() => actions.zoomBy(Math.SQRT2)}>+</button>
        <button class="quiet" title="0" aria-pressed=${viewport.fitted} @click=${actions.fit}>Fit</button>
        <button class="quiet" title="${LEVEL} (1)" @click=${() => actions.zoomTo(1)}>1:1</button>
      </div>
    </div>
  `;
}

/** 1.5 -> '150 %'; device pixels per picture pixel. */
function formatZoom(zoom: number): string {
  return `${Math.round(zoom * 100)} %`;
}
