import { css } from 'lit';

/** Text beside the example, samples below; in narrow windows one column. */
export const welcomeStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(18.75rem, 2fr) 3fr;
    gap: 40px clamp(32px, 4vw, 88px);
    align-content: center;
    max-width: 2200px;
    min-height: 100%;
    margin: auto;
    padding: 32px clamp(16px, 4vw, 72px);
  }

  h2 {
    font-size: clamp(1.875rem, 3.2vw, 3.75rem);
    font-weight: 550;
    line-height: 1.05;
    letter-spacing: -0.03em;
    text-wrap: balance;
  }

  .text {
    display: flex;
    flex-direction: column;
    gap: clamp(16px, 1.6vw, 32px);
    justify-content: center;
  }

  .lead {
    max-width: 42ch;
    font-size: clamp(1rem, 1.15vw, 1.375rem);
    line-height: 1.5;
    text-wrap: pretty;
  }

  .target {
    display: flex;
    flex-wrap: wrap;
    gap: 12px 20px;
    align-items: center;
    max-width: 38.75rem;
    padding: 20px;
    border: 2px dashed var(--line-strong);
    border-radius: var(--radius);
    background: var(--surface);
  }

  .target b {
    flex: 1 1 14ch;
    font-size: 1.0625rem;
    font-weight: 600;
  }

  .target .primary {
    flex: none;
    min-height: 44px;
    padding: 0 20px;
    font-size: 1rem;
    white-space: nowrap;
  }

  .kinds {
    flex-basis: 100%;
    font-size: 0.8125rem;
  }

  .touch {
    display: none;
  }

  /* Nothing can be dropped by a finger. */
  @media (hover: none) and (pointer: coarse) {
    .mouse {
      display: none;
    }

    .touch {
      display: inline;
    }
  }

  figure {
    align-self: center;
    max-width: 1120px;
  }

  latent-compare {
    aspect-ratio: 16 / 10;
  }

  figcaption {
    margin-top: 8px;
    font-size: 0.8125rem;
    text-wrap: pretty;
  }

  .samples {
    grid-column: 1 / -1;
  }

  h3 {
    margin-bottom: 12px;
    font-size: 0.875rem;
    font-weight: 600;
  }

  ul {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(clamp(8rem, 10vw, 12.5rem), 1fr));
    align-items: start;
    gap: 20px 16px;
  }

  .sample {
    display: block;
    width: 100%;
    height: 100%;
    padding: 0;
    border: 0;
    text-align: left;
  }

  .sample:hover:not(:disabled) {
    background: none;
  }

  .sample:hover img {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }

  .sample:hover .format {
    text-decoration: underline;
    text-underline-offset: 3px;
  }

  .sample img {
    display: block;
    width: 100%;
    height: auto;
    aspect-ratio: 4 / 3;
    object-fit: cover;
    /* Heads are above the middle. */
    object-position: 50% 20%;
    background: var(--stage);
  }

  .sample b {
    display: block;
    margin-top: 8px;
    font-weight: 600;
  }

  .sample span {
    display: block;
    font-size: 0.8125rem;
    line-height: 1.4;
    font-stretch: var(--narrow);
  }

  @media (max-width: 56.25em) {
    :host {
      grid-template-columns: minmax(0, 1fr);
      gap: 28px;
      align-content: start;
      padding-block: 24px;
    }
  }

  @media (max-width: 30em) {
    ul {
      grid-template-columns: 1fr 1fr;
    }

    .target .primary {
      flex: 1 0 auto;
    }
  }
`;
