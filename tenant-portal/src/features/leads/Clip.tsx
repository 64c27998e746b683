/// Ten seconds of a call around the words that made it hot, where its recording is already here.
import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCall } from '@/shared/call/call-api';
import { clipStart } from './clip-start';

const CLIP_S = 10;

export function Clip({ call_id, quote }: { call_id: string; quote?: string | null }) {
  const call = useCall(call_id);
  if (call.data?.recording?.state !== 'ready') return null;
  return <Player call_id={call_id} from={clipStart(call.data.turns, quote) / 1000} />;
}

function Player({ call_id, from }: { call_id: string; from: number }) {
  const { t } = useTranslation();
  const [audio] = useState(() => new Audio());
  const [playing, setPlaying] = useState(false);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const stopAtEnd = () => {
      if (audio.currentTime >= from + CLIP_S) audio.pause();
    };
    const read = () => setPlaying(!audio.paused);
    audio.addEventListener('timeupdate', stopAtEnd);
    for (const kind of ['play', 'pause', 'ended', 'error'] as const) audio.addEventListener(kind, read);
    return () => {
      audio.removeEventListener('timeupdate', stopAtEnd);
      for (const kind of ['play', 'pause', 'ended', 'error'] as const) audio.removeEventListener(kind, read);
      audio.pause();
      audio.removeAttribute('src');
    };
  }, [audio, from]);
  const toggle = () => {
    if (!audio.paused) return audio.pause();
    // The fragment lets the browser ask for these seconds alone.
    audio.src = [`/v1/calls/${encodeURIComponent(call_id)}/recording`, `t=${from},${from + CLIP_S}`].join('#');
    setFailed(false);
    void audio.play().catch((error: unknown) => {
      setPlaying(false);
      // Paused before it had loaded is no failure.
      if (!(error instanceof DOMException && error.name === 'AbortError')) setFailed(true);
    });
  };
  return (
    <>
      <Button size="small" onClick={toggle}>
        {t(playing ? 'call.pause' : 'leads.clip')}
      </Button>
      {failed && (
        <small className="bb-clip-failed" role="alert">
          {t('leads.clipFailed')}
        </small>
      )}
    </>
  );
}
