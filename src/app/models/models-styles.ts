import { css } from 'lit';

export const modelsStyles = css`
  :host {
    display: contents;
  }

  dialog {
    width: min(820px, calc(100vw - 32px));
    max-height: min(86dvh, 820px);
    padding: 0;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--surface);
    color: var(--ink);
  }

  dialog[open] {
    display: flex;
    flex-direction: column;
  }

  dialog::backdrop {
    background: rgb(0 0 0 / 55%);
  }

  header,
  footer {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
    padding: 12px 16px;
  }

  header {
    border-bottom: 1px solid var(--line);
  }

  footer {
    border-top: 1px solid var(--line);
  }

  h2 {
    margin-right: auto;
    font-size: 1rem;
  }

  header button {
    display: grid;
    place-items: center;
    width: 32px;
    padding: 0;
  }

  .storage {
    flex: 1 1 240px;
    min-width: 0;
  }

  meter {
    display: block;
    width: 100%;
    height: 8px;
    margin-top: 4px;
    border: 0;
    background: var(--line);
  }

  meter::-webkit-meter-bar {
    height: 6px;
    border: 0;
    background: var(--line);
  }

  meter::-webkit-meter-optimum-value {
    background: var(--ink-soft);
  }

  meter::-moz-meter-bar {
    background: var(--ink-soft);
  }

  .body {
    flex: 1;
    min-height: 0;
    overflow: auto;
    padding: 0 16px;
    scrollbar-width: thin;
  }

  h3 {
    margin: 20px 0 4px;
    font-size: 0.8125rem;
    font-weight: 400;
    color: var(--ink-soft);
  }

  .model {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto auto;
    gap: 0 16px;
    align-items: center;
    padding: 8px 0;
    border-top: 1px solid var(--line);
  }

  .name {
    font-weight: 550;
    overflow-wrap: anywhere;
  }

  .about {
    font-size: 0.8125rem;
    line-height: 1.4;
    font-stretch: var(--narrow);
    overflow-wrap: anywhere;
  }

  .about > * + *::before {
    content: ' · ';
  }

  .keep {
    display: flex;
    gap: 6px;
    align-items: center;
    font-size: 0.8125rem;
    white-space: nowrap;
    cursor: pointer;
  }

  .keep input {
    margin: 0;
    accent-color: var(--accent);
  }

  .act {
    min-width: 84px;
  }

  .loading {
    grid-column: 1 / -1;
    margin-top: 4px;
    font-size: 0.8125rem;
    font-stretch: var(--narrow);
  }

  .loading progress {
    display: block;
    width: 100%;
    height: 6px;
    accent-color: var(--accent);
  }

  leap-problem {
    margin-top: 12px;
  }

  leap-add-model {
    margin: 20px 0 16px;
    padding-top: 16px;
    border-top: 1px solid var(--line-strong);
  }

  /* Zoomed in, or a phone on its side: the list would have no room between the header and the footer. */
  @media (max-height: 32em) {
    dialog[open] {
      display: block;
      overflow: auto;
    }
  }

  @media (max-width: 40em) {
    dialog {
      width: 100vw;
      max-width: none;
      height: 100dvh;
      max-height: none;
      border: 0;
    }

    .model {
      grid-template-columns: minmax(0, 1fr) auto;
      row-gap: 6px;
    }

    .model .what {
      grid-column: 1 / 3;
    }
  }
`;
