import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Empty } from '@/shared/ui/Empty';
import { Page } from '@/shared/ui/Page';

/** For a page of changes visited by a role that only reads. */
export function Forbidden() {
  const { t } = useTranslation();
  const go = useNavigate();
  return (
    <Page title={t('error.forbidden')}>
      <Empty title={t('error.forbidden')} why={t('error.forbiddenText')} action={<Button onClick={() => void go('/')}>{t('error.goHome')}</Button>} />
    </Page>
  );
}
