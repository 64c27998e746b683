/// How a call ends: opting out, the longest call, and the goodbye at a limit. And the voice.
import { InputNumber, Select, Slider } from 'antd';
import { useTranslation } from 'react-i18next';
import { useVoices } from '../api';
import { useFlow } from '../editor';
import { Field, NodePick, Phrases, Spoken } from '../fields';

export function EndingForm() {
  const { t } = useTranslation();
  const { flow, set } = useFlow();
  const number = (key: 'max_turns' | 'max_duration_s', least: number, most: number) => (
    <Field label={t(`script.${key}`)} path={['limits', key]}>
      <InputNumber aria-label={t(`script.${key}`)} min={least} max={most} style={{ width: '100%' }} value={flow.limits[key]} onChange={(v) => set(['limits', key], v ?? least)} />
    </Field>
  );
  return (
    <div className="bb-form">
      <section className="bb-item" data-path="/opt_out">
        <header>
          <b>{t('script.optOut')}</b>
        </header>
        <p className="bb-muted">{t('script.optOutNote')}</p>
        <Field label={t('script.optOutReply')} path={['opt_out', 'reply']}>
          <Spoken path={['opt_out', 'reply']} value={flow.opt_out.reply} label={t('script.optOutReply')} />
        </Field>
        <Field label={t('script.optOutPhrases')} path={['opt_out', 'phrases']}>
          <Phrases path={['opt_out', 'phrases']} value={flow.opt_out.phrases ?? []} label={t('script.optOutPhrases')} />
        </Field>
      </section>
      <section className="bb-item" data-path="/limits">
        <header>
          <b>{t('script.limits')}</b>
        </header>
        <div className="bb-form-row">
          {number('max_turns', 1, 100)}
          {number('max_duration_s', 10, 3600)}
        </div>
        <div className="bb-form-row">
          <Field label={t('script.wait')} path={['limits', 'wait_ms']}>
            <InputNumber
              aria-label={t('script.wait')}
              min={1}
              max={30}
              step={0.5}
              suffix={t('script.seconds')}
              style={{ width: '100%' }}
              value={flow.limits.wait_ms / 1000}
              onChange={(v) => set(['limits', 'wait_ms'], Math.round(Number(v ?? 6) * 1000))}
            />
          </Field>
          <Field label={t('script.goodbye')} path={['limits', 'goodbye']}>
            <NodePick path={['limits', 'goodbye']} value={flow.limits.goodbye} label={t('script.goodbye')} closing />
          </Field>
        </div>
      </section>
    </div>
  );
}

export function VoiceForm() {
  const { t } = useTranslation();
  const { flow, set } = useFlow();
  const voices = useVoices();
  const voice = flow.voice ?? { name: voices.data?.[0]?.key ?? '', speed: 1, volume: 1 };
  const change = (part: Partial<typeof voice>) => set(['voice'], { ...voice, ...part });
  const slider = (key: 'speed' | 'volume', min: number, max: number) => (
    <Field label={t(`script.${key}`)} path={['voice', key]} hint={t(`script.${key}Hint`)}>
      <Slider
        ariaLabelForHandle={t(`script.${key}`)}
        min={min}
        max={max}
        step={0.05}
        marks={{ [min]: `${min}×`, 1: '1×', [max]: `${max}×` }}
        value={Math.round(voice[key] * 100) / 100}
        onChange={(v) => change({ [key]: v })}
      />
    </Field>
  );
  return (
    <div className="bb-form">
      <Field label={t('script.voice')} path={['voice', 'name']}>
        <Select aria-label={t('script.voice')} style={{ width: 280 }} value={voice.name} options={(voices.data ?? []).map((v) => ({ value: v.key, label: v.name }))} onChange={(name) => change({ name })} />
      </Field>
      <div className="bb-form-row" style={{ gap: 48, padding: '0 8px' }}>
        {slider('speed', 0.7, 1.3)}
        {slider('volume', 0.3, 1.5)}
      </div>
    </div>
  );
}
