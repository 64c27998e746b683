/// The recording of a call: player, waveform and transcript on one clock.
import { Button, Segmented, Tooltip } from 'antd';
import CaretRightFilled from '@ant-design/icons/CaretRightFilled';
import PauseOutlined from '@ant-design/icons/PauseOutlined';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallDetail } from '@/api/types';
import { duration } from '@/shared/format/format';
import { Empty } from '@/shared/ui/Empty';
import { usePeaks } from './call-api';
import { Transcript } from './Transcript';
import { usePlayer } from './use-player';
import './call.css';

const Waveform = lazy(async () => ({ default: (await import('./Waveform')).Waveform }));
const RATES = [1, 1.5, 2];

export function CallAudio({ call, mayListen, height }: { call: CallDetail; mayListen: boolean; height?: number | string }) {
  const { t } = useTranslation();
  const state = call.recording?.state ?? 'none';
  const brokeOff = call.cause === 'lost' && state === 'none';
  if (call.turns.length === 0 && state === 'none') return <Empty title={t('call.nothingSaid')} why={brokeOff ? t('cause.lost') : t('call.nothingSaidWhy')} />;
  if (state !== 'ready' || !mayListen)
    return (
      <>
        {brokeOff && <p className="bb-call-note">{t(mayListen ? 'call.cutOffUnrecorded' : 'call.cutOff')}</p>}
        {mayListen && state !== 'none' && <p className="bb-call-note">{t(`recording.${state}`)}</p>}
        <Transcript turns={call.turns} quote={call.label?.quote} height={height} />
      </>
    );
  return <Playable key={call.id} call={call} height={height} />;
}

function Playable({ call, height }: { call: CallDetail; height?: number | string }) {
  const { t } = useTranslation();
  const player = usePlayer(`/v1/calls/${encodeURIComponent(call.id)}/recording`);
  const peaks = usePeaks(call.id, true);
  const total = peaks.data?.duration_ms ?? call.talk_ms;
  return (
    <>
      <div className="bb-player">
        <Tooltip title={t('call.keys')}>
          <Button
            type="primary"
            shape="circle"
            icon={player.playing ? <PauseOutlined /> : <CaretRightFilled />}
            aria-label={player.playing ? t('call.pause') : t('call.play')}
            onClick={player.toggle}
          />
        </Tooltip>
        <span className="bb-player-clock">
          {duration(player.atMs)} / {duration(total)}
        </span>
        {player.failed && <span className="bb-player-failed" role="alert">{t('call.audioFailed')}</span>}
        <Segmented
          size="small"
          aria-label={t('call.speed')}
          value={player.rate}
          onChange={(v) => player.setRate(Number(v))}
          options={RATES.map((r) => ({ value: r, label: `${r}×` }))}
        />
      </div>
      <div className="bb-wave-frame">
        <div className="bb-wave-names" aria-hidden="true">
          <span>{t('who.customer')}</span>
          <span>{t('who.bot')}</span>
        </div>
        {peaks.data ? (
          <Suspense fallback={<div className="bb-wave" />}>
            <Waveform audio={player.audio} peaks={peaks.data} turns={call.turns} label={t('call.waveform')} />
          </Suspense>
        ) : (
          <div className="bb-wave">
            {peaks.error && (
              <p className="bb-wave-failed" role="alert">
                {t('call.waveFailed')}
                <Button size="small" onClick={() => void peaks.refetch()}>
                  {t('common.retry')}
                </Button>
              </p>
            )}
          </div>
        )}
      </div>
      <Transcript turns={call.turns} atMs={player.atMs} quote={call.label?.quote} onSeek={player.seek} height={height} />
    </>
  );
}
