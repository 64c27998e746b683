/// Label shares per campaign as stacked bars. The table below the chart holds the same figures.
import { useTranslation } from 'react-i18next';
import type { LabelRef, ReportLine } from '@/api/types';
import { count, percent } from '@/shared/format/format';
import './label-chart.css';

const SHOWN = 12;
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const KNOWN = new Set(['high', 'low', 'refused', 'callback', 'invalid']);

const toneOf = (key: string, index: number): string => (KNOWN.has(key) ? key : `other${index % 3}`);

export function LabelChart({ items, labels }: { items: ReportLine[]; labels: LabelRef[] }) {
  const { t } = useTranslation();
  const some = items.filter((i) => i.labels.some((l) => l.count > 0));
  const shown = some.slice(0, SHOWN);
  if (shown.length === 0) return <p className="bb-muted">{t('reports.noConnects')}</p>;
  return (
    <figure className="bb-chart" aria-label={t('reports.chartLabel')}>
      <figcaption>
        {labels.map((l, n) => (
          <span key={l.key}>
            <i className={`is-${toneOf(l.key, n)}`} />
            {l.name}
          </span>
        ))}
        {some.length > SHOWN && <em>{t('reports.chartShows', { shown: SHOWN, n: count(some.length) })}</em>}
      </figcaption>
      <div className="bb-chart-rows">
        {shown.map((line) => (
          <div key={line.campaign?.id} className="bb-chart-row">
            <span title={line.campaign?.name}>{line.campaign?.name}</span>
            <div className="bb-chart-bar">
              {labels.map((l, n) => {
                const mine = line.labels.find((x) => x.key === l.key);
                const share = mine?.share ?? 0;
                return (
                  share > 0 && (
                    <i key={l.key} className={`is-${toneOf(l.key, n)}`} style={{ width: `${share * 100}%` }} title={`${l.name} ${count(mine?.count)} · ${percent(share)}`}>
                      {share >= 0.08 && percent(share)}
                    </i>
                  )
                );
              })}
            </div>
          </div>
        ))}
        <div className="bb-chart-row bb-chart-axis" aria-hidden="true">
          <span>{t('reports.shareAxis')}</span>
          <div>
            {TICKS.map((tick) => (
              <b key={tick} style={{ left: `${tick * 100}%` }}>
                {tick * 100}%
              </b>
            ))}
          </div>
        </div>
      </div>
    </figure>
  );
}
