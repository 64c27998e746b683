/// One step of the flow: what is said, how long to wait, and where each answer leads.
import { Button, Checkbox, Input, InputNumber, Select } from 'antd';
import DeleteOutlined from '@ant-design/icons/DeleteOutlined';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import { useTranslation } from 'react-i18next';
import { useFlow } from '../editor';
import { Field, IntentPick, NodePick, Spoken } from '../fields';
import { SLOT_KINDS, type Branch, type Node } from '../flow';
import { PatienceFields } from './PatienceForm';

export function NodeForm({ index, onDelete }: { index: number; onDelete: () => void }) {
  const { t } = useTranslation();
  const { flow, set, readOnly } = useFlow();
  const node = flow.nodes[index];
  if (!node) return null;
  const at = (...rest: (string | number)[]) => ['nodes', index, ...rest];
  const names = (flow.variables ?? []).map((v) => `{${v.name}}`).join(' ');
  const asks = node.kind === 'opening' || node.kind === 'question';
  return (
    <div className="bb-form" key={node.key}>
      <div className="bb-form-row">
        <Field label={t('script.nodeName')} path={at('name')}>
          <Input aria-label={t('script.nodeName')} value={node.name ?? ''} maxLength={30} onChange={(e) => set(at('name'), e.target.value)} />
        </Field>
        <Field label={t('script.nodeKind')} path={at('kind')}>
          <div className="bb-form-static">{t(`nodeKind.${node.kind}`)}</div>
        </Field>
      </div>
      <Field label={t('script.text')} path={at('text')} hint={names ? t('script.textHint', { names }) : t('script.textHintNone')}>
        <Spoken path={at('text')} value={node.text} label={t('script.text')} rows={3} />
      </Field>
      {asks && (
        <Field label={t('script.again')} path={at('again')} hint={t('script.againHint')}>
          <Input aria-label={t('script.again')} value={node.again ?? ''} onChange={(e) => set(at('again'), e.target.value || undefined)} />
        </Field>
      )}
      <div className="bb-checks">
        {node.kind !== 'closing' && (
          <Checkbox checked={node.interruptible ?? true} onChange={(e) => set(at('interruptible'), e.target.checked)}>
            {t('script.interruptible')}
          </Checkbox>
        )}
        {!asks && (
          <Checkbox checked={node.handover ?? false} onChange={(e) => set(at('handover'), e.target.checked)}>
            {t('script.handover')}
          </Checkbox>
        )}
      </div>
      {node.kind === 'statement' && (
        <Field label={t('script.next')} path={at('next')}>
          <NodePick path={at('next')} value={node.next} label={t('script.next')} />
        </Field>
      )}
      {asks && <Answers node={node} index={index} />}
      {!readOnly && flow.start !== node.key && (
        <div>
          <Button danger type="text" icon={<DeleteOutlined />} onClick={onDelete}>
            {t('script.deleteNode')}
          </Button>
        </div>
      )}
    </div>
  );
}

function Answers({ node, index }: { node: Node; index: number }) {
  const { t } = useTranslation();
  const { flow, set, readOnly } = useFlow();
  const at = (...rest: (string | number)[]) => ['nodes', index, ...rest];
  const branches = node.branches ?? [];
  const setBranches = (next: Branch[]) => set(at('branches'), next);
  return (
    <>
      <Field label={t('script.branches')} path={at('branches')} hint={t('script.branchesHint')}>
        <div className="bb-branches">
          {branches.map((b, i) => (
            <div key={i} className="bb-branch" data-path={`/nodes/${index}/branches/${i}`}>
              <IntentPick path={at('branches', i, 'intents')} value={b.intents} label={t('script.when')} />
              <span aria-hidden="true">→</span>
              <NodePick path={at('branches', i, 'next')} value={b.next} label={t('script.goTo')} />
              {!readOnly && <Button type="text" icon={<DeleteOutlined />} aria-label={t('common.delete')} onClick={() => setBranches(branches.filter((_, j) => j !== i))} />}
            </div>
          ))}
          {!readOnly && (
            <Button size="small" type="dashed" icon={<PlusOutlined />} onClick={() => setBranches([...branches, { intents: [], next: flow.limits.goodbye }])}>
              {t('script.addBranch')}
            </Button>
          )}
        </div>
      </Field>
      <div className="bb-form-row">
        <Field label={t('script.otherwise')} path={at('otherwise')}>
          <NodePick path={at('otherwise')} value={node.otherwise} label={t('script.otherwise')} clearable />
        </Field>
        <Field label={t('script.wait')} path={at('wait_ms')} hint={t('script.waitHint', { s: flow.limits.wait_ms / 1000 })}>
          <InputNumber
            aria-label={t('script.wait')}
            min={1}
            max={30}
            step={0.5}
            style={{ width: '100%' }}
            suffix={t('script.seconds')}
            value={node.wait_ms == null ? null : node.wait_ms / 1000}
            onChange={(v) => set(at('wait_ms'), v == null ? undefined : Math.round(Number(v) * 1000))}
          />
        </Field>
      </div>
      <div className="bb-form-row">
        <Field label={t('script.slotName')} path={at('slot')} hint={t('script.slotHint')}>
          <Input
            aria-label={t('script.slotName')}
            value={node.slot?.name ?? ''}
            maxLength={20}
            onChange={(e) => set(at('slot'), e.target.value ? { name: e.target.value, kind: node.slot?.kind ?? 'number' } : undefined)}
          />
        </Field>
        <Field label={t('script.slotKind')} path={at('slot', 'kind')}>
          <Select
            aria-label={t('script.slotKind')}
            disabled={!node.slot || readOnly}
            style={{ width: '100%' }}
            value={node.slot?.kind}
            options={SLOT_KINDS.map((k) => ({ value: k, label: t(`slotKind.${k}`) }))}
            onChange={(k) => set(at('slot', 'kind'), k)}
          />
        </Field>
      </div>
      {(['silence', 'not_understood'] as const).map((key) => (
        <div key={key} className="bb-own" data-path={`/nodes/${index}/${key}`}>
          <Checkbox checked={Boolean(node[key])} onChange={(e) => set(at(key), e.target.checked ? { replies: [], then: flow[key].then } : undefined)}>
            {t(`script.own.${key}`)}
          </Checkbox>
          {node[key] && <PatienceFields path={at(key)} value={node[key]} />}
        </div>
      ))}
    </>
  );
}
