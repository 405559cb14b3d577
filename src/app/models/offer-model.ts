import type { FamilyId, ModelKind, ModelStatus } from '../../client';
import type { Choice } from '../state/choice';
import type { Item } from '../state/item';
import type { PageNotice } from '../state/notices';
import type { PageState } from '../state/page-state';
import { FAMILY_LABELS } from '../text/family-labels';
import { upperFirst } from '../text/format';

/** Says that a model was added, and offers to show what it makes of the latent that is looked at. */
export function offerModel(page: PageState, model: ModelStatus): void {
  const wanted = { kind: model.kind, families: [model.family] };
  const change = changeFor(model);
  const fits = findFitting(page, wanted) !== undefined;
  const notice: PageNotice = {
    code: 'added',
    message: `${model.label} was added. ${sayWhere(page, model, fits)}`,
  };
  if (change && fits) {
    const run = () => {
      page.dismiss(notice);
      const item = findFitting(page, wanted);
      if (!item) return;
      page.select(item);
      page.choose(item, 'right', { ...item.choices.right, ...change });
    };
    notice.action = { label: 'Show it on the right', run };
  }
  page.notify(notice);
}

/** Where to find it; what is open may be of families that it is not for. */
function sayWhere({ items }: PageState, { family }: ModelStatus, fits: boolean): string {
  const where = 'choose it with Change models above either picture.';
  if (fits || !items.some(({ latent }) => latent)) return upperFirst(where);
  return `It is for ${FAMILY_LABELS[family]}, and what is open is of other families. With a latent of that family, ${where}`;
}

/** Encoders are not chosen. */
function changeFor({ id, kind }: ModelStatus): Partial<Choice> | undefined {
  if (kind === 'decoder') return { decoder: id };
  if (kind === 'lua') return { method: 'lua', lua: id, enlarger: undefined };
  return kind === 'enlarger' ? { method: 'pixels', lua: undefined, enlarger: id } : undefined;
}

/** The latent that is looked at, or else the last one that the model is for. */
export function findFitting(
  { selected, items }: PageState,
  { kind, families }: { kind: ModelKind; families: readonly FamilyId[] },
): Item | undefined {
  const candidates = selected ? [...items, selected] : items;
  return candidates.findLast(
    ({ latent }) => latent && (kind === 'enlarger' || families.includes(latent.family)),
  );
}
