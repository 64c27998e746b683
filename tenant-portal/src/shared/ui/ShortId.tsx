/// An id in a few characters: the whole one on hover, and copied by a click.
import { useTranslation } from 'react-i18next';
import { copied } from '../copy';
import { useNotice } from './notice';

/** `cmp_01m8bsfvw28f7q` is `cmp_…28f7q`: ids of one moment begin alike. */
export const shortId = (id: string): string => {
  const [, kind, rest] = /^([a-z]+_)?(.*)$/.exec(id) ?? [];
  return !rest || rest.length <= 8 ? id : `${kind ?? ''}…${rest.slice(-5)}`;
};

export function ShortId({ id }: { id: string }) {
  const { t } = useTranslation();
  const notice = useNotice();
  return (
    <button type="button" className="bb-short-id" title={t('common.copyId', { id })} onClick={() => void copied(id).then(notice.copied)}>
      {shortId(id)}
    </button>
  );
}
