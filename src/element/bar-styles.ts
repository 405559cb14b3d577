import { css } from 'lit';

/** The controls under the comparison. Takes the `--_` properties of the element. */
export const barStyles = css`
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
    padding: 8px 16px;
    border-top: 1px solid var(--_line);
    background: var(--_ground);
  }

  .zoom {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
  }

  .level {
    min-width: 5ch;
    text-align: center;
  }

  button {
    min-height: 32px;
    padding: 0 12px;
    border: 1px solid transparent;
    border-radius: var(--_radius);
    background: transparent;
    color: inherit;
    font: inherit;
    cursor: pointer;
    touch-action: manipulation;
  }

  button:hover {
    background: var(--_hover);
  }

  .quiet[aria-pressed='true'] {
    text-decoration: underline;
    text-decoration-thickness: 2px;
    text-underline-offset: 5px;
  }

  @media (forced-colors: active) {
    [aria-pressed='true'] {
      forced-color-adjust: none;
      background: Highlight !important;
      color: HighlightText !important;
    }
  }

  @media (pointer: coarse) {
    button {
      min-width: 44px;
      min-height: 44px;
    }
  }

  @media (max-width: 36em) {
    .bar {
      justify-content: center;
      gap: 8px;
      padding-inline: 8px;
    }

    .bar button {
      padding: 0 9px;
    }
  }
`;
