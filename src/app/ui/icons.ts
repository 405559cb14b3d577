import { svg } from 'lit';

const line = (
  body: ReturnType<typeof svg>,
) => svg`<svg width="1.286em" height="1.286em" viewBox="0 0 18 18" fill="none"
  stroke="currentColor" stroke-width="1.5" stroke-linecap="square" aria-hidden="true">${body}</svg>`;

/** A small solid square that becomes a large outlined one. */
export const markIcon = svg`<svg width="1.25em" height="1.25em" viewBox="0 0 20 20" aria-hidden="true">
  <path d="M7 2.9H17.1V13" fill="none" stroke="currentColor" stroke-width="1.8"/>
  <rect x="2" y="8" width="10" height="10" fill="currentColor"/></svg>`;

export const sunIcon = line(svg`<circle cx="9" cy="9" r="3.2"/>
  <path d="M9 1.5v1.5M9 15v1.5M1.5 9H3M15 9h1.5M3.7 3.7l1 1M13.3 13.3l1 1M3.7 14.3l1-1M13.3 4.7l1-1"/>`);

export const moonIcon = line(svg`<path d="M14.8 10.8A6.2 6.2 0 0 1 7.2 3.2 6.2 6.2 0 1 0 14.8 10.8Z"/>`);

export const closeIcon = line(svg`<path d="M4.5 4.5l9 9M13.5 4.5l-9 9"/>`);

export const downIcon = svg`<svg width="0.77em" height="0.77em" viewBox="0 0 10 10" fill="none" stroke="currentColor"
  stroke-width="1.5" aria-hidden="true"><path d="M1.5 3.25 5 6.75 8.5 3.25"/></svg>`;
