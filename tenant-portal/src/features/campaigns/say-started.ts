/// Says that a campaign was started or restarted, with a button that pauses it while nothing was dialled yet.
import { useTranslation } from 'react-i18next';
import { useNotice } from '@/shared/ui/notice';
import { useVerb } from './api';
import { keepStartUndo, UNDO_S } from './start-undo';

export function useSayStarted(): (id: string, text: string, before?: Parameters<typeof keepStartUndo>[2]) => void {
  const { t } = useTranslation();
  const notice = useNotice();
  const { mutateAsync } = useVerb();
  return (id, text, before) => {
    const pause = () => void mutateAsync({ id, verb: 'pause' }).then(() => notice.done(t('campaigns.did.pause')), notice.failed);
    keepStartUndo(id, notice.undoable(text, pause, UNDO_S, t('campaigns.verb.pause')), before);
  };
}
