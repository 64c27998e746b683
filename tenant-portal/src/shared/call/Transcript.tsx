/// What was said, turn by turn. The turn being played is marked and kept in sight; a click seeks to a turn.
import { Tooltip } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Turn, Waterfall } from '@/api/types';
import { duration, seconds, spoken } from '@/shared/format/format';

const SLOW_MS = 1000;

type Props = { turns: Turn[]; atMs?: number; quote?: string | null; onSeek?: (ms: number) => void; height?: number | string };

/** The turn at a moment: the last one that has begun. */
export const turnAt = (turns: Turn[], atMs: number): number => turns.findLastIndex((t) => t.start_ms <= atMs + 50);

export function Transcript({ turns, atMs, quote, onSeek, height = 460 }: Props) {
  const { t } = useTranslation();
  const active = atMs == null || atMs === 0 ? -1 : turnAt(turns, atMs);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const item = list.current?.children[active];
    const box = list.current;
    if (!box || !(item instanceof HTMLElement)) return;
    const [top, bottom] = [item.offsetTop, item.offsetTop + item.offsetHeight];
    if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 3;
  }, [active]);
  return (
    <ol ref={list} className="bb-transcript" style={{ maxHeight: height }} tabIndex={0} aria-label={t('call.transcript')}>
      {turns.map((turn, i) => (
        <li key={`${turn.start_ms}${turn.who}`} className={`is-${turn.who} ${i === active ? 'is-active' : ''}`} aria-current={i === active || undefined}>
          <div className="bb-turn-head">
            <b>{t(`who.${turn.who}`)}</b>
            <button type="button" className="bb-turn-time" onClick={() => onSeek?.(turn.start_ms)} disabled={!onSeek} aria-label={t('call.playFrom', { at: duration(turn.start_ms) })}>
              {duration(turn.start_ms)}
            </button>
            {turn.interrupted && <span className="bb-turn-note">{t('call.interrupted')}</span>}
            {turn.response_ms != null && <Response ms={turn.response_ms} waterfall={turn.waterfall} />}
          </div>
          <p className="bb-turn-text" onClick={() => onSeek?.(turn.start_ms)}>
            {turn.text ? <Marked text={spoken(turn.text)} quote={turn.who === 'customer' && quote ? spoken(quote) : null} /> : <i className="bb-muted">{t('call.unheard')}</i>}
          </p>
        </li>
      ))}
    </ol>
  );
}

function Response({ ms, waterfall }: { ms: number; waterfall?: Waterfall | null }) {
  const { t } = useTranslation();
  const slow = ms > SLOW_MS;
  return (
    <Tooltip title={waterfall ? <Parts parts={waterfall} total={ms} /> : undefined}>
      <button type="button" className={`bb-response ${slow ? 'is-slow' : ''}`}>
        {t('call.response', { s: seconds(ms) })}
      </button>
    </Tooltip>
  );
}

const STEPS = ['endpoint_ms', 'asr_ms', 'dialogue_ms', 'tts_ms'] as const;

/** Where the response time went, each part at its place in time. */
function Parts({ parts, total }: { parts: Waterfall; total: number }) {
  const { t } = useTranslation();
  const starts = STEPS.map((_, i) => STEPS.slice(0, i).reduce((sum, s) => sum + parts[s], 0));
  return (
    <div className="bb-waterfall">
      {STEPS.map((step, i) => (
        <div key={step}>
          <span>{t(`waterfall.${step}`)}</span>
          <i>
            <b style={{ marginLeft: `${((starts[i] ?? 0) / total) * 100}%`, width: `${(parts[step] / total) * 100}%` }} />
          </i>
          <span>{parts[step]} ms</span>
        </div>
      ))}
    </div>
  );
}

/** The words the label rests on, marked where they stand. */
function Marked({ text, quote }: { text: string; quote?: string | null }) {
  const at = quote ? text.indexOf(quote) : -1;
  if (!quote || at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{quote}</mark>
      {text.slice(at + quote.length)}
    </>
  );
}
