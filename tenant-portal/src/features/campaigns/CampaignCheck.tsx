/// Step 3, right: what will happen when the campaign starts, and what stands in the way.
import CheckCircleFilled from '@ant-design/icons/CheckCircleFilled';
import CloseCircleFilled from '@ant-design/icons/CloseCircleFilled';
import ExclamationCircleFilled from '@ant-design/icons/ExclamationCircleFilled';
import { Skeleton } from 'antd';
import type { ReactNode } from 'react';
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Trunk } from '@/api/types';
import { codeText } from '@/shared/i18n/problem-text';
import { trunkWord, word } from '@/shared/domain/tags';
import { count, time } from '@/shared/format/format';
import { Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { useCheck } from './api';

export function CampaignCheck({ id, stamp, trunk }: { id: string | null; stamp: number; trunk: Trunk | undefined }) {
  const { t } = useTranslation();
  const check = useCheck(id, stamp);
  const c = check.data;
  const rehearsal = trunk?.kind === 'rehearsal';
  const calls = trunk?.calls ?? 0;
  return (
    <Panel title={t('check.title')}>
      {id === null ? (
        <p className="bb-muted">{t('check.saveFirst')}</p>
      ) : check.error && !c ? (
        <Trouble error={check.error} onRetry={() => void check.refetch()} />
      ) : !c ? (
        <Skeleton active />
      ) : (
        <>
          <div className="bb-muted">{t('check.dialable')}</div>
          <div className="bb-check-big">{count(c.dialable)}</div>
          <ul className="bb-check">
            {c.dialable === 0 && <Line is="bad">{t('check.noneDialable')}</Line>}
            <Line is={c.script_published ? 'ok' : 'bad'}>{c.script_published ? t('check.scriptOk') : t('check.scriptBad')}</Line>
            <Line is={c.trunk_state === 'up' ? 'ok' : c.trunk_state === 'down' ? 'bad' : 'warn'}>{t('check.trunk', { state: trunkWord(c.trunk_state, calls) })}</Line>
            <Line is={c.edge_online ? 'ok' : 'bad'}>{c.edge_online ? t('check.edgeOk') : t('check.edgeBad')}</Line>
            {rehearsal ? <Line is="ok">{t('check.rehearsal')}</Line> : <Line is={c.opens_at ? 'warn' : 'ok'}>{c.opens_at ? t('check.opensAt', { at: time(c.opens_at) }) : t('check.openNow')}</Line>}
            {Object.entries(c.blocked).map(([gate, n]) => n > 0 && <Line key={gate} is="warn">{t('check.blocked', { n: count(n), gate: word('gate', gate) })}</Line>)}
            {Object.entries(c.missing_variables).map(([name, n]) => n > 0 && <Line key={name} is="warn">{t('check.missing', { n: count(n), name })}</Line>)}
            {c.findings.filter((f) => !SAID.has(f.code)).map((f, i) => (
              <Line key={i} is="warn">
                {i18next.exists(`finding.${f.code}`) ? t(`finding.${f.code}`, f.params) : (codeText(f.code, f.params) ?? f.code)}
              </Line>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

/** Findings that a line of their own already says. */
const SAID = new Set(['nobody_to_call', 'script_unpublished', 'edge_offline', 'outside_window', 'trunk_down']);

const ICON = { ok: CheckCircleFilled, warn: ExclamationCircleFilled, bad: CloseCircleFilled };

function Line({ is, children }: { is: keyof typeof ICON; children: ReactNode }) {
  const Icon = ICON[is];
  return (
    <li>
      <Icon className={`is-${is}`} />
      <span>{children}</span>
    </li>
  );
}
