/// Step 2: which column is what, and twenty rows with a verdict per cell.
import { AutoComplete, Button, Form, Segmented, Select } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImportPreview } from '@/api/types';
import { useGroups } from '@/shared/domain/lookups';
import { bytes, count } from '@/shared/format/format';
import { Empty } from '@/shared/ui/Empty';
import { Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { startImport } from './import-api';
import { isWhole, verdictsOf } from './verdicts';

type Props = { file: File; preview: ImportPreview; onBack: () => void; onStarted: (id: string) => void };

const KNOWN = ['name', 'number', 'remark'] as const;

export function ImportMapping({ file, preview, onBack, onStarted }: Props) {
  const { t } = useTranslation();
  const groups = useGroups();
  const [group, setGroup] = useState('');
  const [policy, setPolicy] = useState<'skip' | 'overwrite'>('skip');
  const [fields, setFields] = useState<Record<number, string | null>>(() => Object.fromEntries(preview.columns.map((c) => [c.index, c.field ?? null])));
  const start = useMutation({
    mutationFn: () => {
      const mapping = Object.fromEntries(Object.entries(fields).map(([column, field]) => [column, field ?? 'skip']));
      const known = groups.data?.find((g) => g.name === group.trim());
      return startImport(file, known?.id ?? group.trim(), mapping, policy);
    },
    onSuccess: ({ id }) => onStarted(id),
  });
  const twice = useMemo(() => KNOWN.find((k) => Object.values(fields).filter((f) => f === k).length > 1), [fields]);
  const none = preview.rows.length === 0;
  const numbered = Object.values(fields).includes('number');
  const trouble = none ? t('imports.noRows') : !numbered ? t('imports.needNumber') : twice ? t('imports.twice', { field: t(`imports.field.${twice}`) }) : !group.trim() ? t('imports.needGroup') : null;
  const verdicts = useMemo(() => verdictsOf(t, preview, fields), [t, preview, fields]);
  const told = verdicts.flat();
  const faults = told.filter((v) => v?.tone === 'bad').length;
  const heeds = told.filter((v) => v?.tone === 'warn').length;
  const summary = [faults > 0 && t('imports.faults', { n: faults }), heeds > 0 && t('imports.heeds', { n: heeds })].filter(Boolean).join(t('common.then'));
  const title = t(isWhole(preview) ? 'imports.previewWhole' : 'imports.previewTitle', { n: preview.rows.length });

  return (
    <>
      {start.error && <Trouble error={start.error} />}
      <Panel
        title={file.name}
        extra={[bytes(file.size), preview.sheet, preview.encoding?.toUpperCase(), preview.total_estimate != null && t('imports.about', { n: count(preview.total_estimate) })].filter(Boolean).join(' · ')}
      >
        <Form layout="inline" style={{ rowGap: 12 }}>
          <Form.Item label={t('imports.toGroup')} htmlFor="bb-import-group" required>
            <AutoComplete
              id="bb-import-group"
              style={{ width: 260 }}
              value={group}
              onChange={setGroup}
              placeholder={t('imports.groupPlaceholder')}
              options={(groups.data ?? []).map((g) => ({ value: g.name }))}
              showSearch={{ filterOption: (text, option) => String(option?.value ?? '').includes(text) }}
            />
          </Form.Item>
          <Form.Item label={t('imports.onDuplicate')}>
            <Segmented
              value={policy}
              onChange={(v) => setPolicy(v === 'overwrite' ? v : 'skip')}
              options={[
                { value: 'skip', label: t('imports.skip') },
                { value: 'overwrite', label: t('imports.overwrite') },
              ]}
            />
          </Form.Item>
        </Form>
      </Panel>
      {none ? (
        <Panel>
          <Empty
            title={t('imports.noRows')}
            why={t('imports.noRowsWhy')}
            action={
              <Button type="primary" onClick={onBack}>
                {t('imports.chooseAgain')}
              </Button>
            }
          />
        </Panel>
      ) : (
        <Panel title={title} extra={numbered ? summary || t('imports.noFaults') : <span className="bb-preview-lacks">{t('imports.noNumber')}</span>} flush>
          <div className="bb-preview" tabIndex={0} role="region" aria-label={title}>
            <table>
              <thead>
                <tr>
                  {preview.columns.map((c) => (
                    <th key={c.index} scope="col">
                      <div className="bb-preview-header">{c.header || t('imports.noHeader', { n: c.index + 1 })}</div>
                      <Select
                        size="small"
                        style={{ width: '100%', minWidth: 128 }}
                        aria-label={t('imports.mapColumn', { name: c.header })}
                        value={fields[c.index] ?? ''}
                        onChange={(f: string) => setFields({ ...fields, [c.index]: f || null })}
                        options={[
                          ...KNOWN.map((k) => ({ value: k as string, label: t(`imports.field.${k}`) })),
                          ...customField(c.header, fields[c.index]).map((f) => ({ value: f, label: t('imports.custom', { name: f }) })),
                          { value: '', label: t('imports.ignore') },
                        ]}
                      />
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {preview.rows.map((row, i) => (
                  <tr key={i}>
                    {row.map((cell, j) => {
                      const verdict = verdicts[i]?.[j];
                      return (
                        <td key={j} className={verdict ? `is-${verdict.tone}` : undefined}>
                          {cell.value}
                          {verdict && <small>{verdict.why}</small>}
                        </td>
                      );
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Panel>
      )}
      <div className="bb-wizard-foot">
        <Button onClick={onBack}>{t('common.previous')}</Button>
        {trouble && <span className="bb-muted">{trouble}</span>}
        <Button type="primary" disabled={Boolean(trouble)} loading={start.isPending} onClick={() => start.mutate()}>
          {t('imports.start')}
        </Button>
      </div>
    </>
  );
}

/** A column that is none of the known ones is kept under its own header. */
const customField = (header: string, field: string | null | undefined): string[] => {
  const names = new Set([header.trim(), field ?? ''].filter((n) => n && !(KNOWN as readonly string[]).includes(n)));
  return [...names];
};
