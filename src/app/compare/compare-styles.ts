import { css } from 'lit';

export const compareStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
  }

  .labels {
    display: grid;
    grid-template-columns: 1fr 1fr;
    border-bottom: 1px solid var(--line);
  }

  .label {
    position: relative;
    display: flex;
    align-items: center;
    min-width: 0;
  }

  .label + .label {
    border-left: 1px solid var(--line);
  }

  .label leap-side-label {
    flex: 1;
  }

  .labels .behind {
    color: var(--ink-soft);
  }

  .labels.flip .label:not(.behind) {
    background: var(--surface);
    box-shadow: inset 0 2px var(--ink);
  }

  .stage {
    position: relative;
    flex: 1;
    min-height: 0;
    overflow: hidden;
    background: var(--stage);
    cursor: grab;
    touch-action: none;
    user-select: none;
  }

  .stage:active {
    cursor: grabbing;
  }

  .stage:focus-visible {
    outline-offset: -2px;
  }

  .stage.pair {
    display: grid;
    gap: 1px;
    grid-template-columns: 1fr 1fr;
  }

  .pane {
    position: absolute;
    inset: 0;
    overflow: hidden;
  }

  .pair .pane {
    position: relative;
    inset: auto;
  }

  .pair .pane + .pane {
    box-shadow: -1px 0 var(--line-strong);
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

  .picture {
    position: absolute;
  }

  .picture canvas {
    display: block;
    width: 100%;
    height: 100%;
  }

  .picture.crisp canvas,
  .picture[data-preview] canvas {
    image-rendering: pixelated;
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
    border-radius: var(--radius);
    background: #fff;
    box-shadow: 0 0 0 1px rgb(0 0 0 / 45%);
  }

  .grip::before {
    content: '';
    width: 6px;
    height: 16px;
    margin: auto;
    border: solid var(--line-strong);
    border-width: 0 1.5px;
  }

  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
    padding: 8px 16px;
    border-top: 1px solid var(--line);
  }

  .zoom {
    display: flex;
    align-items: center;
  }

  .level {
    min-width: 5ch;
    text-align: center;
  }

  .zoom button[aria-pressed='true'] {
    text-decoration: underline;
    text-decoration-thickness: 2px;
    text-underline-offset: 5px;
  }

  @media (max-width: 640px) {
    .label {
      flex-direction: column;
      align-items: stretch;
    }
  }

  @media (max-width: 560px) {
    .bar {
      justify-content: center;
      padding-inline: 8px;
    }

    .zoom button {
      padding: 0 10px;
    }
  }

  @media (max-aspect-ratio: 4/5) {
    .stage.pair {
      grid-template: 1fr 1fr / none;
    }

    .pair .pane + .pane {
      box-shadow: 0 -1px var(--line-strong);
    }
  }
`;
