import type { FamilyId, Method, UpscaleOptions } from '../../client';
import { SIDES, type SideId } from '../../element/sides';

export { SIDES, type SideId };

/** How a side makes its picture; ids are of models, undefined stands for the embedded one of the latent's family. */
export interface Choice {
  method: Method;
  lua: string | undefined;
  decoder: string | undefined;
  /** What enlarges the decoded picture, for the method `pixels`: a filter, or the id of a pixel upscaler. */
  enlarger?: UpscaleOptions['enlarger'];
}

export type Choices = Record<SideId, Choice>;

/** Enlarges the decoded picture by Lanczos, to any factor. */
export const RESIZED = { method: 'pixels', lua: undefined, enlarger: 'lanczos' } as const;

/**
 * What the page begins with: on the left what anybody can do, to decode and resize the picture; LUA on the right. Bicubic in
 * latent space would take as long as LUA, and is a weaker rival than the resized picture.
 */
export function firstChoices(): Choices {
  return {
    left: { ...RESIZED, decoder: undefined },
    right: { method: 'lua', lua: undefined, decoder: undefined },
  };
}

export function isSameChoice(a: Choice, b: Choice): boolean {
  return a.method === b.method && a.lua === b.lua && a.decoder === b.decoder && a.enlarger === b.enlarger;
}

/** Remembers what was chosen last for each family: the next latent of that family begins with it. */
export class LastChoices {
  readonly #byFamily = new Map<FamilyId, Choices>();

  of(family: FamilyId): Choices {
    return { ...(this.#byFamily.get(family) ?? firstChoices()) };
  }

  /** Only what has given a picture is worth remembering. */
  keep(family: FamilyId, side: SideId, choice: Choice): void {
    this.#byFamily.set(family, { ...this.of(family), [side]: choice });
  }

  /** A model that is gone is no longer chosen. */
  forget(id: string): void {
    for (const choices of this.#byFamily.values()) forgetModel(choices, id);
  }
}

/** @returns the sides that had chosen the model */
export function forgetModel(choices: Choices, id: string): SideId[] {
  return SIDES.filter((side) => {
    const { lua, decoder, enlarger } = choices[side];
    if (![lua, decoder, enlarger].includes(id)) return false;
    choices[side] = {
      ...choices[side],
      lua: lua === id ? undefined : lua,
      decoder: decoder === id ? undefined : decoder,
      enlarger: enlarger === id ? undefined : enlarger,
    };
    return true;
  });
}
