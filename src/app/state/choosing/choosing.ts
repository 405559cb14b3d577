import type { FamilyId, Scale } from '../../../client';
import {
  type Choice,
  type Choices,
  forgetModel,
  isSameChoice,
  LastChoices,
  SIDES,
  type SideId,
} from '../choice';
import { currentRun, type Item, problemOf } from '../item';
import type { ModelShelf } from '../model-shelf';
import { dropOthers, dropSide } from '../run/memory';
import { commonFactors, nearestFactor, passesFor, settleChoice } from './factors';

/** What choosing does to the runs. */
export interface Runs {
  stop(item: Item, sides?: readonly SideId[]): void;
  /** Runs whatever of the item is not done yet. */
  run(item: Item): void;
}

/** What is chosen for an item, and what the next one begins with. */
export class Choosing {
  /** What the next file begins with: the factor chosen last. */
  scale: Scale;
  readonly #last = new LastChoices();
  readonly #models: ModelShelf;
  readonly #runs: Runs;

  constructor(scale: Scale, models: ModelShelf, runs: Runs) {
    this.scale = scale;
    this.#models = models;
    this.#runs = runs;
  }

  /** What an item begins with once it is read: what was chosen for it before, or for the family last. */
  begin(item: Item): void {
    item.choices = item.choicesBefore ?? this.#last.of(item.latent!.family);
    item.choicesBefore = undefined;
    this.#fitScale(item);
  }

  /** The factor of the item, and of the files that come after it. */
  setScale(item: Item, scale: Scale): void {
    this.scale = scale;
    if (item.scale !== scale) this.#move(item, { scale, choices: item.choices });
  }

  /**
   * Chooses what makes a side's picture, and runs it; the picture that is there stays until then. Where that has no
   * such factor, the item goes to the nearest that it has.
   */
  choose(item: Item, side: SideId, choice: Choice): void {
    const { latent, scale, choices } = item;
    if (!latent || isSameChoice(choices[side], choice)) return;
    const settled = settleChoice({ scale, choices, latent }, side, choice, this.#models);
    if (settled.scale === scale) {
      const changed = SIDES.filter((one) => settled.choices[one] !== choices[one]);
      this.#runs.stop(item, changed);
      item.before = undefined;
      item.choices = settled.choices;
      this.#runs.run(item);
    } else {
      this.scale = settled.scale;
      const done = currentRun(item)[side].state === 'done';
      this.#move(item, settled, done ? { side, scale, choices } : undefined);
    }
  }

  /** How often the side's upscaler runs in a row, which its entry in the list of models says. */
  async passes(item: Item, side: SideId): Promise<1 | 2> {
    const choice = item.choices[side];
    if (choice.lua !== undefined && !this.#models.models) await this.#models.load();
    return passesFor(choice, item.latent!.family, item.scale, this.#models) ?? 1;
  }

  /** Tries again what went wrong on any side, with what was chosen for it then. */
  retry(item: Item): void {
    for (const side of SIDES) {
      const problem = problemOf(currentRun(item)[side]);
      if (problem) this.choose(item, side, problem.choice);
    }
    this.#runs.run(item);
  }

  /** A side has its picture: what came to one is what the next latent of the family begins with. */
  keep(item: Item, family: FamilyId, side: SideId, choice: Choice): void {
    if (item.before?.side === side) item.before = undefined;
    this.#last.keep(family, side, choice);
  }

  /** What an added model made is not shown any more once it is gone. */
  forget(items: readonly Item[], id: string): void {
    this.#last.forget(id);
    for (const item of items) {
      for (const side of forgetModel(item.choices, id)) {
        this.#runs.stop(item, [side]);
        dropSide(item, side);
        this.#fitScale(item);
      }
    }
  }

  #move(item: Item, to: { scale: Scale; choices: Choices }, before?: Item['before']): void {
    this.#runs.stop(item);
    item.before = before;
    item.choices = to.choices;
    item.scale = to.scale;
    if (!before) dropOthers(item);
    this.#runs.run(item);
  }

  /** A factor that both sides have, where there is one: the nearest. */
  #fitScale(item: Item): void {
    if (!item.latent) return;
    const { choices, latent, scale } = item;
    item.scale = nearestFactor(commonFactors(choices, latent, this.#models, scale), scale);
    if (item.scale !== scale) dropOthers(item);
  }
}
