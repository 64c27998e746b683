/// Step 1: choose a file; the server reads its head and answers with a preview. Earlier imports below.
import { Button } from 'antd';
import InboxOutlined from '@ant-design/icons/InboxOutlined';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImportPreview } from '@/api/types';
import { Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { previewImport } from './import-api';
import { ImportList } from './ImportList';

const ACCEPT = '.xlsx,.xls,.csv';

export function ImportUpload({ onPreview }: { onPreview: (file: File, preview: ImportPreview) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const preview = useMutation({ mutationFn: previewImport });
  const take = (file: File | undefined | null) => {
    if (file) preview.mutate(file, { onSuccess: (p) => onPreview(file, p) });
  };
  return (
    <>
      {preview.error && <Trouble error={preview.error} />}
      <Panel>
        <div
          className={`bb-drop ${over ? 'is-over' : ''}`}
          onDragOver={(e) => {
            e.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(e) => {
            e.preventDefault();
            setOver(false);
            take(e.dataTransfer.files[0]);
          }}
        >
          <InboxOutlined />
          <b>{t('imports.drop')}</b>
          <span className="bb-muted">{t('imports.dropNote')}</span>
          <Button type="primary" loading={preview.isPending} onClick={() => input.current?.click()}>
            {preview.isPending ? t('imports.reading') : t('imports.choose')}
          </Button>
          <input
            ref={input}
            type="file"
            className="sr-only"
            accept={ACCEPT}
            aria-label={t('imports.choose')}
            tabIndex={-1}
            onChange={(e) => {
              take(e.target.files?.[0]);
              e.target.value = '';
            }}
          />
        </div>
      </Panel>
      <ImportList height={300} />
    </>
  );
}
