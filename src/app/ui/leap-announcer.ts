import { css, html, LitElement } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { PageController } from '../state/page-controller';
import type { PageState } from '../state/page-state';
import { shared } from './shared-styles';

/** How long a text stays to be read out, in milliseconds. */
const STAY_MS = 5000;

interface Text {
  id: number;
  text: string;
}

/**
 * Says what the page announces to those who listen, one text after the other; a text that comes twice is said twice. There
 * is one on the page and one in each dialogue, because what lies behind a dialogue is silent.
 */
export class LeapAnnouncer extends LitElement {
  static override properties = { page: { attribute: false }, texts: { state: true } };

  declare page: PageState;
  declare private texts: readonly Text[];
  #count = 0;

  static override styles = [
    shared,
    css`
      /* It must not make the page higher. */
      :host {
        position: fixed;
        top: 0;
      }
    `,
  ];

  constructor() {
    super();
    this.texts = [];
    // What else changes on the page, as progress does all the time, is not said here.
    new PageController(this, { change: () => {}, announce: ({ detail }) => this.#say(detail) });
  }

  protected override render() {
    return html`<div class="visually-hidden" role="log">
      ${repeat(
        this.texts,
        ({ id }) => id,
        ({ text }) => html`<p>${text}</p>`,
      )}
    </div>`;
  }

  #say(text: string): void {
    const said = { id: this.#count++, text };
    this.texts = [...this.texts, said];
    setTimeout(() => {
      this.texts = this.texts.filter((other) => other !== said);
    }, STAY_MS);
  }
}

customElements.define('leap-announcer', LeapAnnouncer);
