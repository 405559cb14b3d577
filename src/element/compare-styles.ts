import { css } from 'lit';

/**
 * Colours and radii come from `--compare-*` properties, so that a page can give the element its own; without any it
 * follows the system's light or dark.
 */
export const compareStyles = css`
  :host {
    --_ground: var(--compare-ground, light-dark(#f1f1f1, #171717));
    --_stage: var(--compare-stage, light-dark(#d9d9d9, #0d0d0d));
    --_line: var(--compare-line, light-dark(#d0d0d0, #343434));
    --_line-strong: var(--compare-line-strong, light-dark(#8a8a8a, #6f6f6f));
    --_ink: var(--compare-ink, light-dark(#181818, #ededed));
    --_hover: var(--compare-hover, light-dark(#e4e4e4, #2b2b2b));
    --_accent: var(--compare-accent, light-dark(#b93410, #ff7a4f));
    --_radius: var(--compare-radius, 3px);
    display: block;
    min-width: 0;
    /* The stage has no height of its own. A page's own rule for the element comes before these. */
    aspect-ratio: 4 / 3;
    min-height: 0;
    color: var(--_ink);
  }

  /* The element itself may get any \`display\` from its page. */
  .frame {
    display: flex;
    flex-direction: column;
    width: 100%;
    height: 100%;
  }

  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  [hidden] {
    display: none !important;
  }

  .stage {
    position: relative;
    flex: 1;
    min-height: 0;
    overflow: hidden;
    background: var(--_stage);
    cursor: grab;
    user-select: none;
  }

  .stage:active {
    cursor: grabbing;
  }

  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }

  /* Above the pictures, and in two colours, as a picture may have either. */
  .stage:focus-visible {
    outline: 0;
  }

  .stage:focus-visible::after {
    content: '';
    position: absolute;
    inset: 0;
    z-index: 1;
    outline: 2px solid var(--_accent);
    outline-offset: -2px;
    box-shadow: inset 0 0 0 4px #fff;
    pointer-events: none;
  }

  .divider:focus-visible {
    box-shadow: inset 0 0 0 2px #fff;
  }

  .panes,
  .pane {
    position: absolute;
    inset: 0;
    overflow: hidden;
  }

  .pair .panes {
    display: grid;
    gap: 1px;
    grid-template-columns: 1fr 1fr;
  }

  .pair .pane {
    position: relative;
    inset: auto;
  }

  .pair .pane + .pane {
    box-shadow: -1px 0 var(--_line-strong);
  }

  .pair[data-stacked] .panes {
    grid-template: 1fr 1fr / none;
  }

  .pair[data-stacked] .pane + .pane {
    box-shadow: 0 -1px var(--_line-strong);
  }

  .swipe .pane[data-side='left'] {
    clip-path: inset(0 calc(100% - var(--divider)) 0 0);
  }

  .swipe .pane[data-side='right'] {
    clip-path: inset(0 0 0 var(--divider));
  }

  .pane[data-behind] {
    visibility: hidden;
  }

  /* The browser subtracts, and brightens what is left: see DIFFERENCE_GAIN. */
  .difference .panes {
    isolation: isolate;
    filter: brightness(4);
  }

  .difference .pane[data-side='right'] {
    mix-blend-mode: difference;
  }

  .panes[data-withheld] {
    visibility: hidden;
  }

  .picture {
    position: absolute;
  }

  .picture > :not(slot),
  ::slotted(img),
  ::slotted(canvas) {
    display: block;
    width: 100%;
    height: 100%;
  }

  .picture.crisp:not([data-preview]) > :not(slot),
  .picture.crisp ::slotted(*) {
    image-rendering: pixelated;
  }

  .tag {
    position: absolute;
    top: calc(var(--inset-top, 0px) + 10px);
    left: calc(var(--inset-left, 0px) + 10px);
    display: flex;
    flex-wrap: wrap;
    gap: 0 6px;
    align-items: baseline;
    max-width: calc(100% - var(--inset-left, 0px) - var(--inset-right, 0px) - 20px);
    padding: 3px 8px;
    overflow: hidden;
    border-radius: var(--_radius);
    background: rgb(0 0 0 / 68%);
    color: #fff;
    font-size: 0.93em;
    line-height: 1.4;
    white-space: nowrap;
    pointer-events: none;
  }

  /* Where the two have no room beside each other, what it is stands above what is more to say. */
  .tag b,
  .tag span {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .stage[data-narrow] .tag:not(.status) {
    display: none;
  }

  .tag b {
    font-weight: 600;
  }

  .tag span {
    opacity: 0.85;
  }

  .tag.marked b::before {
    content: '';
    display: inline-block;
    width: 8px;
    height: 8px;
    margin-right: 6px;
    background: #ff7a4f;
  }

  .swipe .tag {
    max-width: calc(50% - var(--inset-left, 0px) - 20px);
  }

  .swipe .pane[data-side='right'] .tag {
    left: auto;
    right: calc(var(--inset-right, 0px) + 10px);
  }

  .stage .status {
    top: auto;
    bottom: 10px;
    left: 10px;
    max-width: calc(100% - 20px);
    margin: 0;
    white-space: normal;
    overflow-wrap: anywhere;
  }

  .divider {
    position: absolute;
    inset: 0 auto;
    left: var(--divider);
    width: 24px;
    margin-left: -12px;
    cursor: ew-resize;
  }

  .divider::before {
    content: '';
    position: absolute;
    inset: 0 auto;
    left: 11px;
    width: 2px;
    background: #fff;
    box-shadow: 0 0 0 1px rgb(0 0 0 / 45%);
  }

  .grip {
    position: absolute;
    top: 50%;
    left: 1px;
    display: grid;
    width: 22px;
    height: 44px;
    margin-top: -22px;
    border-radius: var(--_radius);
    background: #fff;
    box-shadow: 0 0 0 1px rgb(0 0 0 / 45%);
  }

  .grip::before {
    content: '';
    width: 6px;
    height: 16px;
    margin: auto;
    border: solid #8a8a8a;
    border-width: 0 1.5px;
  }

  .loupe {
    position: absolute;
    display: flex;
    border: 2px solid #fff;
    border-radius: var(--_radius);
    background: #000;
    box-shadow: 0 0 0 1px rgb(0 0 0 / 45%);
    pointer-events: none;
  }

  .loupe canvas {
    width: 132px;
    height: 132px;
  }

  .loupe canvas + canvas {
    border-left: 2px solid #fff;
    box-sizing: content-box;
  }

  @media (forced-colors: active) {
    /* What lies on a picture stands out from it by itself. */
    .divider,
    .loupe,
    .tag {
      forced-color-adjust: none;
    }
  }
`;
