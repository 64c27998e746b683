/// Pages for an address that leads nowhere, is not allowed, or failed to load. Each has a next step.
import { Button, Space } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useTabTitle } from '@/shared/tab';
import { Mark } from '@/shared/ui/Mark';

function Whole({ title, text, failed = false }: { title: string; text: string; failed?: boolean }) {
  const { t } = useTranslation();
  const go = useNavigate();
  useTabTitle(title);
  return (
    <div className="bb-whole">
      <Mark size={72} plain />
      <h1>{title}</h1>
      <p>{text}</p>
      <Space>
        <Button type="primary" onClick={() => void go('/')}>
          {t('error.goHome')}
        </Button>
        {failed ? (
          <Button onClick={() => location.reload()}>{t('common.reload')}</Button>
        ) : (
          <Button onClick={() => void go(-1)}>{t('common.back')}</Button>
        )}
      </Space>
    </div>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return <Whole title={t('error.notFound')} text={t('error.notFoundText')} />;
}

export function Forbidden() {
  const { t } = useTranslation();
  return <Whole title={t('error.forbidden')} text={t('error.forbiddenText')} />;
}

export function RouteFailed() {
  const { t } = useTranslation();
  return <Whole failed title={t('error.failed')} text={t('error.failedText')} />;
}
