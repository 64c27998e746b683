/// Takes an item out of a list of the script; for a moment it can be put back.
import { useTranslation } from 'react-i18next';
import { useNotice } from '@/shared/ui/notice';
import { useFlow } from '../editor';
import { withItemBack, withoutItem, type ItemList } from '../flow';

export function useRemoveItem(list: ItemList): (index: number, name: string) => void {
  const { t } = useTranslation();
  const notice = useNotice();
  const { flow: before, replace } = useFlow();
  return (index, name) => {
    replace((flow) => withoutItem(flow, list, index));
    notice.undoable(t('script.itemDeleted', { name }), () => replace((flow) => withItemBack(flow, before, list, index)));
  };
}
