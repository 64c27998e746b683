/// For a page that only changes things, visited by a role that only reads.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Empty } from './Empty';
import { Page } from './Page';

export function ReadOnly() {
  const { t } = useTranslation();
  const go = useNavigate();
  return (
    <Page title={t('error.forbidden')}>
      <Empty title={t('error.forbidden')} why={t('error.forbiddenText')} action={<Button onClick={() => void go('/')}>{t('error.goHome')}</Button>} />
    </Page>
  );
}
