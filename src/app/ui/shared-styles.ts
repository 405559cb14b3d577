import { css } from 'lit';
import { segmentedStyles } from '../../element/segmented-styles';
import { visuallyHidden } from '../../element/visually-hidden';

/** What every element of the page shares: box sizing, buttons, selects, focus, the visually hidden class. */
export const shared = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  [hidden] {
    display: none !important;
  }

  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  ul,
  ol,
  figure {
    margin: 0;
    padding: 0;
  }

  ul,
  ol {
    list-style: none;
  }

  h2 {
    font-size: 0.875rem;
    font-weight: 600;
  }

  button,
  select {
    font: inherit;
    color: inherit;
  }

  button {
    min-height: 32px;
    padding: 0 12px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: transparent;
    cursor: pointer;
    touch-action: manipulation;
  }

  button:hover:not(:disabled) {
    background: var(--hover);
  }

  button:disabled {
    border-color: var(--line);
    color: var(--ink-soft);
    cursor: default;
  }

  button.primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--accent-ink);
    font-weight: 600;
  }

  button.primary:hover:not(:disabled) {
    background: var(--accent);
    filter: brightness(1.08);
  }

  button.primary:disabled {
    border-color: var(--line);
    background: transparent;
    color: var(--ink-soft);
  }

  button.quiet {
    border-color: transparent;
  }

  a {
    color: inherit;
    text-underline-offset: 3px;
  }

  button.link {
    min-height: 0;
    padding: 0;
    border: 0;
    text-decoration: underline;
    text-underline-offset: 3px;
  }

  select {
    min-height: 32px;
    padding: 0 8px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--surface);
  }

  input:is([type='search'], [type='url']) {
    min-width: 0;
    min-height: 32px;
    padding: 0 8px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--surface);
    color: inherit;
    font: inherit;
  }

  svg {
    display: block;
  }

  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }

  .soft {
    color: var(--ink-soft);
  }

  .narrow {
    font-stretch: var(--narrow);
  }

  ${visuallyHidden}

  summary {
    min-height: 32px;
    align-content: center;
    font-weight: 600;
    cursor: pointer;
  }

  summary:hover {
    text-decoration: underline;
    text-underline-offset: 3px;
  }

  dl dt,
  dl dd {
    min-width: 0;
  }

  /* The system's own colours say what is pressed and what is the main thing to do. */
  @media (forced-colors: active) {
    [aria-pressed='true'],
    [aria-current='true'],
    button.primary:not(:disabled) {
      forced-color-adjust: none;
      border-color: Highlight !important;
      background: Highlight !important;
      color: HighlightText !important;
    }

    button:disabled {
      border-color: GrayText;
      color: GrayText;
    }
  }

  @media (pointer: coarse) {
    button:not(.link),
    select,
    summary,
    input:is([type='search'], [type='url'], [type='range']) {
      min-height: 44px;
    }

    button:not(.link) {
      min-width: 44px;
    }

    button.link,
    label:has(> input:is([type='checkbox'], [type='radio'])) {
      padding-block: 12px;
    }
  }
`;

/** A row of buttons of which one is pressed, in the page's colours. */
export const segmented = [
  segmentedStyles,
  css`
    .segmented {
      --_line-strong: var(--line-strong);
      --_radius: var(--radius);
      --_ink: var(--ink);
      --_ground: var(--ground);
    }
  `,
];
