import { css, html, nothing } from 'lit';
import type { ModelPart } from '../../client';
import { joinWords } from '../../join-words';
import { describeParts, KIND_USES, listFamilies, usableParts } from '../text/describe-part';
import { FAMILY_LABELS } from '../text/family-labels';
import { formatBytes } from '../text/format';
import { ItemElement } from '../ui/item-element';
import { shared } from '../ui/shared-styles';
import { findFitting } from './offer-model';

/** Where the picture would be, if the file were not a model: what it is, what it is good for, and what to do next. */
export class LeapModelFile extends ItemElement {
  static override properties = { ...ItemElement.properties, parts: { attribute: false } };

  /** What was found in it. */
  declare parts: readonly ModelPart[];

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 16px;
        place-content: safe center;
        min-height: 100%;
        padding: 24px;
      }

      div {
        display: grid;
        gap: 12px;
        max-width: 34rem;
        padding: 20px;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--ground);
        overflow-wrap: anywhere;
      }

      h2 {
        font-size: 1.25rem;
        line-height: 1.3;
      }

      ol {
        display: grid;
        gap: 4px;
        padding-left: 1.4em;
        list-style: decimal;
      }

      button {
        justify-self: start;
      }
    `,
  ];

  protected override render() {
    const { item, parts, page } = this;
    const size = item.input instanceof Blob ? `, ${formatBytes(item.input.size)}` : '';
    const uses = [...new Set(parts.map(({ kind }) => KIND_USES[kind]))];
    return html`
      <div>
        <h2>This is a model, not a latent</h2>
        <p>${item.name}${size}. ${describeParts(parts)}.</p>
        ${uses.map((use) => html`<p>${use}</p>`)}
        ${usableParts(parts).length ? this.#renderSteps() : nothing}
        ${page.items.some(({ latent }) => latent) ? nothing : html`<button @click=${() => page.deselect()}>Show the samples</button>`}
      </div>
    `;
  }

  /** The form asks for what the file does not say. */
  #renderSteps() {
    const asked = usableParts(this.parts).flatMap(({ kind, askScale }) => [
      ...(kind === 'enlarger' ? [] : ['family']),
      ...(askScale ? ['factor'] : []),
    ]);
    const fields = joinWords([...new Set(asked)]);
    return html`
      <p><b>What to do next</b></p>
      <ol>
        <li>${fields ? `See that the form has the right ${fields}, and press` : 'Press'} <b>Add model</b>.</li>
        <li>${this.#sayLater()}</li>
      </ol>
    `;
  }

  /** With a fitting latent in the queue it can be seen at once. */
  #sayLater(): string {
    const { parts, page } = this;
    const useful = usableParts(parts);
    const open = useful.map((part) => findFitting(page, part)).find(Boolean);
    const families = listFamilies(useful);
    if (open?.latent) {
      const family = families.length > 1 ? ` for ${FAMILY_LABELS[open.latent.family]}` : '';
      return `Added${family}, it can show on the right what it makes of ${open.name}: the page will offer that.`;
    }
    const latent = families.length ? `a latent of ${joinWords(families, 'or')}` : 'a latent';
    return `Open ${latent}, and choose it with Change models above either picture.`;
  }
}

customElements.define('leap-model-file', LeapModelFile);
