/// How the house is doing: version, parts, background jobs, models, disk.
import { Skeleton } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/http';
import type { System } from '@/api/types';
import { word } from '@/shared/domain/tags';
import { bytes, count, time } from '@/shared/format/format';
import { Figures, Page, Panel } from '@/shared/ui/Page';
import { StatusTag, type Tone } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';
import { partText } from './part-text';

type Part = { key: string; state: string; detail?: string | null };

const TONE: Record<string, Tone> = { up: 'success', ok: 'success', warning: 'warning', degraded: 'warning', down: 'danger' };

export function SystemPage() {
  const { t } = useTranslation();
  const system = useQuery({ queryKey: ['system'], queryFn: ({ signal }) => api.get<System>('/v1/system', { signal }), refetchInterval: 10_000 });
  if (system.error && !system.data)
    return (
      <Page title={t('nav.system')}>
        <Trouble error={system.error} onRetry={() => void system.refetch()} />
      </Page>
    );
  const s = system.data;
  if (!s)
    return (
      <Page title={t('nav.system')}>
        <Panel>
          <Skeleton active />
        </Panel>
      </Page>
    );
  const models = s.models.map((m): Part => (typeof m === 'string' ? { key: m, state: 'up' } : { key: m.key ?? m.name ?? '', state: m.state ?? 'up', detail: m.detail }));
  return (
    <Page title={t('nav.system')} note={t('system.note', { version: s.version, at: time(s.started_at) })}>
      <Figures
        items={[
          { label: t('system.waiting'), value: count(s.jobs.waiting) },
          { label: t('system.failed'), value: count(s.jobs.failed), tone: s.jobs.failed > 0 ? 'danger' : undefined },
          { label: t('system.disk'), value: bytes(s.disk.free_bytes), note: s.disk.total_bytes ? t('system.diskOf', { total: bytes(s.disk.total_bytes) }) : undefined },
        ]}
      />
      <div className="bb-columns" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(420px, 1fr))' }}>
        <PartList title={t('system.parts')} family="part" parts={s.parts} />
        <PartList title={t('system.models')} family="model" parts={models} />
      </div>
    </Page>
  );
}

function PartList({ title, family, parts }: { title: string; family: string; parts: Part[] }) {
  const { t } = useTranslation();
  const troubled = parts.filter((p) => TONE[p.state] !== 'success').length;
  return (
    <Panel title={title} extra={troubled > 0 ? <StatusTag tone="warning">{t('system.troubled', { n: troubled })}</StatusTag> : t('system.allWell')}>
      <ul className="bb-parts">
        {parts.map((p) => (
          <li key={p.key}>
            <b>{word(family, p.key)}</b>
            <StatusTag tone={TONE[p.state] ?? 'neutral'} dot>
              {word('health', p.state)}
            </StatusTag>
            <span>{partText(t, p.detail)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
