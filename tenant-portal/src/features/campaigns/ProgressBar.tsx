/// How far a campaign is, as parts of its total: connected, not connected, in a call, stopped by a gate, still waiting.
import { useTranslation } from 'react-i18next';
import type { Counters } from '@/api/types';
import './campaigns.css';

const PARTS = [
  ['connected', 'var(--bb-success)'],
  ['not_connected', 'var(--bb-line-strong)'],
  ['in_call', 'var(--bb-primary)'],
  ['blocked', 'var(--bb-warning)'],
  ['unknown', 'var(--bb-danger)'],
] as const;

export function ProgressBar({ counters, tall = false }: { counters: Counters; tall?: boolean }) {
  return (
    <div className={`bb-progress ${tall ? 'is-tall' : ''}`} aria-hidden="true">
      {counters.total > 0 && PARTS.map(([key, color]) => counters[key] > 0 && <i key={key} style={{ width: `${(counters[key] / counters.total) * 100}%`, background: color }} />)}
    </div>
  );
}

/** What the colours stand for; the rest of the bar is nobody's call any more, or not yet. */
export function ProgressLegend() {
  const { t } = useTranslation();
  return (
    <ul className="bb-legend">
      {PARTS.map(([key, color]) => (
        <li key={key}>
          <i style={{ background: color }} aria-hidden="true" />
          {t(`counters.${key}`)}
        </li>
      ))}
      <li>
        <i style={{ background: 'var(--bb-neutral-soft)' }} aria-hidden="true" />
        {t('counters.waiting')} / {t('counters.cancelled')}
      </li>
    </ul>
  );
}
