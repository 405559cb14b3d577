import { css } from 'lit';

/** The strip is a column beside the picture, and a row above it in narrow windows. */
export const stripStyles = css`
  :host {
    display: block;
    overflow: auto;
    scrollbar-width: thin;
  }

  ol {
    display: flex;
    flex-direction: column;
    gap: 4px;
    padding: 12px 12px 0;
  }

  .all {
    display: flex;
    flex-direction: column;
    gap: 4px;
    padding: 4px 12px 12px;
  }

  li {
    position: relative;
  }

  .frame {
    display: block;
    width: 100%;
    min-height: 0;
    padding: 6px 6px 4px;
    border-color: transparent;
    text-align: left;
  }

  .frame[aria-current='true'] {
    border-color: var(--ink);
    background: var(--surface);
  }

  .thumbnail {
    position: relative;
    display: grid;
    grid-template: minmax(0, 1fr) / minmax(0, 1fr);
    height: 72px;
    background: var(--stage);
    color: var(--ink-soft);
    font-size: 0.8125rem;
    place-items: center;
  }

  canvas {
    width: 100%;
    height: 100%;
    object-fit: contain;
  }

  .place {
    position: absolute;
    bottom: 0;
    left: 0;
    padding: 0 5px;
    background: var(--surface);
    font-size: 0.75rem;
  }

  .caption {
    display: flex;
    align-items: center;
    gap: 6px;
    margin-top: 4px;
    font-size: 0.75rem;
    font-stretch: var(--narrow);
  }

  .caption b {
    font-weight: 600;
  }

  .caption .name {
    display: flex;
    min-width: 0;
    margin-right: auto;
    white-space: pre;
  }

  .caption .start {
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .dot {
    flex: none;
    width: 8px;
    height: 8px;
    border: 1.5px solid var(--line-strong);
    border-radius: 50%;
  }

  .dot.done {
    border-color: var(--ink);
    background: var(--ink);
  }

  .dot.running,
  .dot.reading {
    border-color: var(--accent);
    background: linear-gradient(90deg, var(--accent) 50%, transparent 50%);
    animation: turn 1.2s linear infinite;
  }

  .dot.failed {
    border-color: var(--problem);
    border-radius: 0;
    background: var(--problem);
    transform: rotate(45deg);
  }

  /* Full or empty says whether it is done. */
  @media (forced-colors: active) {
    .dot:is(.done, .failed) {
      forced-color-adjust: none;
      border-color: CanvasText;
      background: CanvasText;
    }

    .frame[aria-current='true'] .dot:is(.done, .failed) {
      border-color: HighlightText;
      background: HighlightText;
    }
  }

  @keyframes turn {
    to {
      transform: rotate(360deg);
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .dot {
      animation: none !important;
    }
  }

  .all button {
    padding: 0 8px;
    border-color: var(--line);
    font-size: 0.8125rem;
  }

  .remove {
    position: absolute;
    top: 6px;
    right: 6px;
    display: grid;
    place-items: center;
    width: 24px;
    min-height: 24px !important;
    padding: 0;
    border: 0;
    background: var(--surface);
    opacity: 0;
  }

  li:hover .remove,
  .remove:focus-visible {
    opacity: 1;
  }

  @media (pointer: coarse) {
    .remove {
      place-items: start end;
      width: 44px;
      min-height: 44px !important;
      background: none;
      opacity: 1;
    }

    .remove svg {
      padding: 2px;
      background: var(--surface);
    }
  }

  /* The middle of a small frame is for choosing it. */
  @media (pointer: coarse) and (max-width: 56.25em) {
    .remove {
      top: 0;
      right: 0;
      padding: 6px;
    }
  }

  @media (max-width: 56.25em) {
    :host {
      display: flex;
    }

    ol {
      flex-direction: row;
      padding: 8px;
    }

    li {
      flex: none;
      width: 112px;
    }

    .thumbnail {
      height: 64px;
    }

    .all {
      display: grid;
      flex: none;
      grid-template-rows: repeat(2, auto);
      grid-auto-flow: column;
      align-content: center;
      padding: 8px 8px 8px 0;
    }
  }

  /* A phone on its side: the pictures come first. */
  @media (max-width: 56.25em) and (max-height: 32em) {
    ol {
      padding: 4px 8px;
    }

    .thumbnail {
      height: 32px;
    }

    .all {
      grid-template-rows: auto;
      padding: 4px 8px 4px 0;
    }
  }
`;
