/// Questions customers ask (FAQ) and resistance they show (objections): known by intent or phrase, answered, and back to the flow.
import { Button, Input } from 'antd';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import { useTranslation } from 'react-i18next';
import { useFlow } from '../editor';
import { Field, IntentPick, Item, NodePick, Phrases, SpokenList } from '../fields';
import { freshKey, type Answer } from '../flow';
import { useRemoveItem } from './remove-item';

export function AnswersForm({ list }: { list: 'faq' | 'objections' }) {
  const { t } = useTranslation();
  const { flow, set, readOnly } = useFlow();
  const rows = flow[list] ?? [];
  const remove = useRemoveItem(list);
  const add = () => {
    const key = freshKey(list === 'faq' ? 'faq' : 'objection', rows.map((r) => r.key));
    const row: Answer = list === 'faq' ? { key, name: '', phrases: [], replies: [''] } : { key, name: '', phrases: [], replies: [''], then: flow.limits.goodbye };
    set([list], [...rows, row]);
  };
  return (
    <div className="bb-form">
      <p className="bb-muted">{t(`script.${list}Note`)}</p>
      {rows.map((row, i) => {
        const at = (...rest: (string | number)[]) => [list, i, ...rest];
        return (
          <Item key={row.key} path={[list, i]} title={row.name || row.key} onDelete={() => remove(i, row.name || row.key)}>
            <div className="bb-form-row">
              <Field label={t('common.name')} path={at('name')}>
                <Input aria-label={t('common.name')} value={row.name ?? ''} maxLength={30} onChange={(e) => set(at('name'), e.target.value)} />
              </Field>
              {list === 'objections' && (
                <Field label={t('script.objectionThen')} path={at('then')}>
                  <NodePick path={at('then')} value={row.then} label={t('script.objectionThen')} />
                </Field>
              )}
            </div>
            <Field label={t('script.phrases')} path={at('phrases')} hint={t('script.phrasesHint')}>
              <Phrases path={at('phrases')} value={row.phrases ?? []} label={t('script.phrases')} />
            </Field>
            <Field label={t('script.alsoIntents')} path={at('intents')}>
              <IntentPick path={at('intents')} value={row.intents ?? []} label={t('script.alsoIntents')} />
            </Field>
            <Field label={t('script.replies')} path={at('replies')} hint={t(`script.${list}RepliesHint`)}>
              <SpokenList path={at('replies')} value={row.replies ?? []} label={t('script.replies')} />
            </Field>
          </Item>
        );
      })}
      {!readOnly && (
        <Button type="dashed" block icon={<PlusOutlined />} onClick={add}>
          {t(`script.add.${list}`)}
        </Button>
      )}
    </div>
  );
}
