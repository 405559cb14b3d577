import type { FamilyId, ModelKind, ModelStatus } from '../../client';
import type { Choice } from '../state/choice';
import type { Item } from '../state/item';
import type { PageNotice } from '../state/notices';
import type { PageState } from '../state/page-state';

/** Says that a model was added, and offers to show what it makes of the latent that is looked at. */
export function offerModel(page: PageState, model: ModelStatus): void {
  const wanted = { kind: model.kind, families: [model.family] };
  const notice: PageNotice = {
    code: 'added',
    message: `${model.label} was added. Choose it with Change models above either picture.`,
  };
  const change = changeFor(model);
  if (change && findFitting(page, wanted)) {
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
