/// Which label a call gets: rules tried from the top, the first that holds decides.
import { Button, Input, InputNumber, Select } from 'antd';
import DeleteOutlined from '@ant-design/icons/DeleteOutlined';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import { useTranslation } from 'react-i18next';
import { useLabels } from '@/shared/domain/lookups';
import { useFlow } from '../editor';
import { Field, IntentPick, Item, moved, nodeName } from '../fields';
import { CONDITIONS, pointer, type Condition } from '../flow';
import { useRemoveItem } from './remove-item';

export function LabelsForm() {
  const { t } = useTranslation();
  const { flow, set, readOnly } = useFlow();
  const labels = useLabels();
  const rows = flow.labels ?? [];
  const remove = useRemoveItem('labels');
  return (
    <div className="bb-form">
      <p className="bb-muted">{t('script.labelsNote')}</p>
      {rows.map((rule, i) => (
        <Item
          key={i}
          path={['labels', i]}
          title={`${i + 1}. ${rule.name || t('script.unnamedRule')}`}
          onUp={i > 0 ? () => set(['labels'], moved(rows, i, i - 1)) : undefined}
          onDown={i < rows.length - 1 ? () => set(['labels'], moved(rows, i, i + 1)) : undefined}
          onDelete={() => remove(i, rule.name || t('script.unnamedRule'))}
        >
          <div className="bb-form-row">
            <Field label={t('calls.label')} path={['labels', i, 'label']}>
              <Select
                aria-label={t('calls.label')}
                style={{ width: '100%' }}
                value={rule.label || undefined}
                options={(labels.data ?? []).map((l) => ({ value: l.key, label: l.name }))}
                onChange={(v) => set(['labels', i, 'label'], v)}
              />
            </Field>
            <Field label={t('script.ruleName')} path={['labels', i, 'name']}>
              <Input aria-label={t('script.ruleName')} value={rule.name ?? ''} maxLength={60} onChange={(e) => set(['labels', i, 'name'], e.target.value)} />
            </Field>
          </div>
          <Conditions rule={i} rows={rule.when ?? []} />
        </Item>
      ))}
      {!readOnly && (
        <Button type="dashed" block icon={<PlusOutlined />} onClick={() => set(['labels'], [...rows, { label: '', name: '', when: [{ is: 'heard', intents: [] }] }])}>
          {t('script.add.labels')}
        </Button>
      )}
    </div>
  );
}

const blank = (is: string): Condition => {
  if (is === 'heard') return { is, intents: [], nodes: [] };
  if (is === 'not_heard') return { is, intents: [] };
  if (is === 'reached') return { is, nodes: [] };
  if (is === 'asked' || is === 'spoke') return { is, at_least: 1 };
  if (is === 'hung_up_within') return { is, seconds: 5 };
  return { is };
};

function Conditions({ rule, rows }: { rule: number; rows: Condition[] }) {
  const { t } = useTranslation();
  const { set, readOnly } = useFlow();
  const path = ['labels', rule, 'when'];
  return (
    <Field label={t('script.conditions')} path={path} hint={rows.length === 0 ? t('script.always') : undefined}>
      <div className="bb-branches">
        {rows.map((c, i) => (
          <div key={i} className="bb-condition" data-path={pointer([...path, i])}>
            <Select
              aria-label={t('script.conditions')}
              style={{ width: 160 }}
              value={c.is}
              options={CONDITIONS.map((k) => ({ value: k, label: t(`condition.${k}`) }))}
              onChange={(is) => set([...path, i], blank(is))}
            />
            <ConditionValue path={[...path, i]} condition={c} />
            {!readOnly && <Button type="text" icon={<DeleteOutlined />} aria-label={t('common.delete')} onClick={() => set(path, rows.filter((_, j) => j !== i))} />}
          </div>
        ))}
        {!readOnly && (
          <Button size="small" type="dashed" icon={<PlusOutlined />} onClick={() => set(path, [...rows, blank('heard')])}>
            {t('script.addCondition')}
          </Button>
        )}
      </div>
    </Field>
  );
}

function ConditionValue({ path, condition }: { path: (string | number)[]; condition: Condition }) {
  const { t } = useTranslation();
  const { flow, set } = useFlow();
  const nodes = (
    <Select
      mode="multiple"
      aria-label={t('script.atNodes')}
      placeholder={t('script.atNodes')}
      style={{ flex: 1, minWidth: 140 }}
      value={condition.nodes ?? []}
      options={flow.nodes.map((n) => ({ value: n.key, label: nodeName(n) }))}
      onChange={(v) => set([...path, 'nodes'], v)}
    />
  );
  const number = (key: 'at_least' | 'seconds', unit: string) => (
    <InputNumber aria-label={unit} min={1} max={600} suffix={unit} value={condition[key] ?? 1} onChange={(v) => set([...path, key], v ?? 1)} />
  );
  switch (condition.is) {
    case 'heard':
      return (
        <>
          <span style={{ flex: 2, minWidth: 160 }}>
            <IntentPick path={[...path, 'intents']} value={condition.intents ?? []} label={t('script.intents')} />
          </span>
          {nodes}
        </>
      );
    case 'not_heard':
      return (
        <span style={{ flex: 1 }}>
          <IntentPick path={[...path, 'intents']} value={condition.intents ?? []} label={t('script.intents')} />
        </span>
      );
    case 'reached':
      return nodes;
    case 'asked':
    case 'spoke':
      return number('at_least', t('script.times'));
    case 'hung_up_within':
      return number('seconds', t('script.seconds'));
    default:
      return null;
  }
}
