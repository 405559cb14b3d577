import { css } from 'lit';

/** Rows of buttons that wrap: the inspector is narrow. */
export const saveStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    gap: 10px;
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
  }

  .head {
    justify-content: space-between;
  }

  .row > .primary {
    flex: 1 1 8rem;
    min-height: 40px;
  }

  .row > select {
    min-height: 40px;
  }

  .row > button:not(.primary) {
    flex: 1 1 auto;
  }

  .segmented,
  .segmented button {
    min-width: 0;
    max-width: 100%;
  }

  .segmented button {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .quality {
    display: grid;
    grid-template-columns: auto 1fr 3.5em;
    gap: 8px;
    align-items: center;
  }

  .quality input {
    min-width: 0;
    accent-color: var(--accent);
  }

  .drag {
    padding: 6px 8px;
    border: 1px dashed var(--line-strong);
    border-radius: var(--radius);
    font-size: 0.8125rem;
    text-align: center;
    cursor: grab;
  }

  .drag[draggable='false'] {
    color: var(--ink-soft);
    cursor: default;
  }

  @media (pointer: coarse) {
    .drag {
      display: none;
    }

    .row > .primary,
    .row > select {
      min-height: 44px;
    }
  }

  .formats {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(8rem, 100%), 1fr));
    gap: 8px;
    margin-top: 8px;
  }

  .formats button {
    padding: 0 8px;
  }
`;
