import { css } from 'lit';

export const choiceStyles = css`
  :host {
    display: block;
    flex: 1 1 auto;
    min-width: 0;
    padding: 8px 12px 8px 16px;
  }

  .current {
    display: flex;
    align-items: center;
    gap: 8px;
    width: 100%;
    max-width: 220px;
    font-size: 0.8125rem;
    font-stretch: var(--narrow);
  }

  .current svg {
    flex: none;
  }

  .current span {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .name {
    min-width: 0;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }

  .panel {
    position: fixed;
    inset: auto;
    width: min(380px, calc(100vw - 16px));
    margin: 0;
    padding: 0;
    overflow: auto;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--surface);
    color: var(--ink);
  }

  fieldset {
    min-width: 0;
    margin: 0;
    padding: 12px 16px;
    border: 0;
    border-bottom: 1px solid var(--line);
  }

  legend {
    float: left;
    width: 100%;
    margin-bottom: 4px;
    padding: 0;
    font-weight: 600;
  }

  .option {
    display: grid;
    clear: both;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 0 10px;
    align-items: center;
    padding: 5px 0;
    scroll-margin-bottom: 9rem;
    cursor: pointer;
  }

  .option input {
    margin: 0;
    accent-color: var(--accent);
  }

  .option .size {
    font-size: 0.8125rem;
    font-stretch: var(--narrow);
  }

  .option .detail {
    grid-column: 2 / 4;
    font-size: 0.8125rem;
    line-height: 1.35;
    font-stretch: var(--narrow);
    overflow-wrap: anywhere;
  }

  footer {
    position: sticky;
    bottom: 0;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
    padding: 12px 16px;
    border-top: 1px solid var(--line);
    background: var(--surface);
  }

  .consequence {
    flex-basis: 100%;
  }

  .unread {
    padding: 12px 16px 0;
  }

  @media (max-width: 36em) {
    :host {
      padding: 0 16px 8px;
    }

    .current {
      max-width: none;
      justify-content: space-between;
    }
  }
`;
