/// Own intents, and variables with what is said where a contact has no value.
import { Button, Input } from 'antd';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import { useTranslation } from 'react-i18next';
import { useFlow } from '../editor';
import { Field, Item, Phrases } from '../fields';
import { freshKey } from '../flow';
import { useRemoveItem } from './remove-item';

export function IntentsForm() {
  const { t } = useTranslation();
  const { flow, set, readOnly } = useFlow();
  const rows = flow.intents ?? [];
  const remove = useRemoveItem('intents');
  return (
    <div className="bb-form">
      <p className="bb-muted">{t('script.intentsNote')}</p>
      {rows.map((row, i) => (
        <Item key={row.key} path={['intents', i]} title={row.name || row.key} onDelete={() => remove(i, row.name || row.key)}>
          <Field label={t('common.name')} path={['intents', i, 'name']}>
            <Input aria-label={t('common.name')} value={row.name ?? ''} maxLength={30} onChange={(e) => set(['intents', i, 'name'], e.target.value)} />
          </Field>
          <Field label={t('script.phrases')} path={['intents', i, 'phrases']} hint={t('script.phrasesHint')}>
            <Phrases path={['intents', i, 'phrases']} value={row.phrases} label={t('script.phrases')} />
          </Field>
        </Item>
      ))}
      {!readOnly && (
        <Button type="dashed" block icon={<PlusOutlined />} onClick={() => set(['intents'], [...rows, { key: freshKey('intent', rows.map((r) => r.key)), name: '', phrases: [] }])}>
          {t('script.add.intents')}
        </Button>
      )}
    </div>
  );
}

export function VariablesForm() {
  const { t } = useTranslation();
  const { flow, set, readOnly } = useFlow();
  const rows = flow.variables ?? [];
  const remove = useRemoveItem('variables');
  return (
    <div className="bb-form">
      <p className="bb-muted">{t('script.variablesNote')}</p>
      {rows.map((row, i) => (
        <Item key={i} path={['variables', i]} title={`{${row.name}}`} onDelete={() => remove(i, `{${row.name}}`)}>
          <div className="bb-form-row">
            <Field label={t('script.variableName')} path={['variables', i, 'name']}>
              <Input aria-label={t('script.variableName')} value={row.name} maxLength={20} onChange={(e) => set(['variables', i, 'name'], e.target.value.replace(/[{}]/g, ''))} />
            </Field>
            <Field label={t('script.fallback')} path={['variables', i, 'fallback']}>
              <Input aria-label={t('script.fallback')} value={row.fallback ?? ''} onChange={(e) => set(['variables', i, 'fallback'], e.target.value)} />
            </Field>
          </div>
        </Item>
      ))}
      {!readOnly && (
        <Button type="dashed" block icon={<PlusOutlined />} onClick={() => set(['variables'], [...rows, { name: '', fallback: '' }])}>
          {t('script.add.variables')}
        </Button>
      )}
    </div>
  );
}
