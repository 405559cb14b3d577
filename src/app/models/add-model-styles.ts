import { css } from 'lit';

/** Questions in two columns, and what is not a question across both. */
export const addModelStyles = css`
  :host {
    display: block;
  }

  form {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 8px 12px;
    align-items: center;
    margin-top: 8px;
  }

  form > .wide {
    grid-column: 1 / 3;
  }

  .ways,
  .end {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 12px;
    align-items: center;
  }

  .end button:last-child {
    margin-left: auto;
  }

  .ways input {
    flex: 1 1 180px;
  }

  .what {
    overflow-wrap: anywhere;
  }

  leap-problem {
    margin-top: 8px;
  }
`;
