/// Import in three steps: upload → mapping and preview → result. The result's address survives a reload.
/// Those who only read see the imports and their results.
import { Button, Steps } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import type { ImportPreview } from '@/api/types';
import { download } from '@/api/http';
import { useDoes } from '@/shared/session';
import { useNotice } from '@/shared/ui/notice';
import { Page } from '@/shared/ui/Page';
import { ImportList } from './ImportList';
import { ImportMapping } from './ImportMapping';
import { ImportResult } from './ImportResult';
import { ImportUpload } from './ImportUpload';
import './import.css';

export function ImportPage() {
  const { t } = useTranslation();
  const notice = useNotice();
  const edits = useDoes('contacts');
  const [params, setParams] = useSearchParams();
  const [picked, setPicked] = useState<{ file: File; preview: ImportPreview } | null>(null);
  const id = params.get('id');
  const step = id ? 2 : picked ? 1 : 0;
  const back = { to: '/contacts', text: t('nav.contacts') };
  if (!edits && !id)
    return (
      <Page fill title={t('imports.list')} back={back}>
        <ImportList />
      </Page>
    );
  const again = () => {
    setPicked(null);
    setParams({}, { replace: true });
  };
  return (
    <Page
      title={t(edits ? 'imports.title' : 'imports.result')}
      back={edits ? back : { to: '/contacts/import', text: t('imports.list') }}
      actions={
        edits && <Button onClick={() => void download('/v1/contacts/template.xlsx', {}, t('imports.templateName')).catch(notice.failed)}>{t('imports.template')}</Button>
      }
    >
      {edits && <Steps className="bb-steps" size="small" current={step} items={[{ title: t('imports.upload') }, { title: t('imports.map') }, { title: t('imports.result') }]} />}
      {id ? (
        <ImportResult id={id} onAgain={again} />
      ) : picked ? (
        <ImportMapping file={picked.file} preview={picked.preview} onBack={() => setPicked(null)} onStarted={(started) => setParams({ id: started }, { replace: true })} />
      ) : (
        <ImportUpload onPreview={(file, preview) => setPicked({ file, preview })} />
      )}
    </Page>
  );
}
