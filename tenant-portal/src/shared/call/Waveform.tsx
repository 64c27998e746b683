/// Two channels, customer above and bot below, with a region per turn. A click seeks.
import { useEffect, useRef } from 'react';
import WaveSurfer from 'wavesurfer.js';
import RegionsPlugin from 'wavesurfer.js/plugins/regions';
import type { Peaks, Turn } from '@/api/types';
import { usePrefs } from '@/shared/prefs';

const CHANNEL = { customer: 0, bot: 1 } as const;
const HEIGHT = 52;

type Props = { audio: HTMLAudioElement; peaks: Peaks; turns: Turn[]; label: string };

export function Waveform({ audio, peaks, turns, label }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const theme = usePrefs((p) => p.theme);
  useEffect(() => {
    if (!box.current) return;
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const regions = RegionsPlugin.create();
    const channel = (name: string) => ({ waveColor: color('--bb-line-strong'), progressColor: color(name), height: HEIGHT });
    const wave = WaveSurfer.create({
      container: box.current,
      media: audio,
      peaks: [peaks.customer, peaks.bot],
      duration: peaks.duration_ms / 1000,
      splitChannels: [channel('--bb-customer'), channel('--bb-bot')],
      height: HEIGHT,
      barWidth: 2,
      barGap: 1,
      barRadius: 1,
      cursorColor: color('--bb-text'),
      cursorWidth: 2,
      dragToSeek: true,
      normalize: true,
      hideScrollbar: true,
      plugins: [regions],
    });
    wave.once('ready', () => {
      for (const turn of turns) {
        const slow = (turn.response_ms ?? 0) > 1000;
        regions.addRegion({
          start: turn.start_ms / 1000,
          end: Math.max(turn.end_ms, turn.start_ms + 60) / 1000,
          channelIdx: CHANNEL[turn.who],
          color: slow ? 'rgba(192, 38, 45, 0.12)' : turn.who === 'bot' ? 'rgba(9, 88, 217, 0.10)' : 'rgba(11, 122, 117, 0.12)',
          drag: false,
          resize: false,
        });
      }
    });
    const region = regions.on('region-clicked', (r) => {
      audio.currentTime = r.start;
    });
    return () => {
      region();
      wave.destroy();
    };
  }, [audio, peaks, turns, theme]);
  return <div ref={box} className="bb-wave" role="img" aria-label={label} />;
}
