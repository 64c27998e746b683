/// Takes an item out of a list of the script; for a moment it can be put back.
import { useTranslation } from 'react-i18next';
import { useFlow } from '../editor';
import { withItemBack, withoutItem, type ItemList } from '../flow';

export function useRemoveItem(list: ItemList): (index: number, name: string) => void {
  const { t } = useTranslation();
  const { flow: before, takeOut } = useFlow();
  return (index, name) =>
    takeOut({
      said: t('script.itemDeleted', { name }),
      list,
      index,
      out: (flow) => withoutItem(flow, list, index),
      back: (flow, at) => withItemBack(flow, before, list, index, at),
    });
}
