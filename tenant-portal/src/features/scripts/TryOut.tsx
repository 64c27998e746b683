/// Talk to the draft in text: the same interpreter that runs on the phone answers.
import { Button, Input } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LabelTag, word } from '@/shared/domain/tags';
import { Trouble } from '@/shared/ui/Trouble';
import { tryScript, type TryResult } from './api';
import { useFlow } from './editor';
import { nodeName } from './fields';
import { BUILTIN } from './flow';
import { plainReason } from './plain-phrase';

export function TryOut({ id }: { id: string }) {
  const { t } = useTranslation();
  const { flow } = useFlow();
  const [variables, setVariables] = useState<Record<string, string>>({});
  const [lines, setLines] = useState<string[]>([]);
  const [text, setText] = useState('');
  const [result, setResult] = useState<TryResult | null>(null);
  const input = useRef<TextAreaRef>(null);
  const end = useRef<HTMLDivElement>(null);
  const ask = useMutation({
    mutationFn: (said: string[]) => tryScript(id, flow, variables, said),
    onSuccess: (r, said) => {
      setResult(r);
      setLines(said);
    },
  });
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [result]);
  const say = () => {
    const line = text.trim();
    if (!line || ask.isPending) return;
    // The line leaves its field once it has been heard.
    ask.mutate([...lines, line], {
      onSuccess: () => {
        setText('');
        input.current?.focus();
      },
    });
  };
  const start = () => {
    setResult(null);
    ask.mutate([]);
  };
  if (!result)
    return (
      <div className="bb-try">
        <p className="bb-muted">{t('try.note')}</p>
        {(flow.variables ?? []).map((v) => (
          <label key={v.name} className="bb-try-variable">
            <span>{`{${v.name}}`}</span>
            <Input size="small" value={variables[v.name] ?? ''} placeholder={v.fallback} onChange={(e) => setVariables({ ...variables, [v.name]: e.target.value })} />
          </label>
        ))}
        {ask.error && <Trouble error={ask.error} />}
        <Button type="primary" block loading={ask.isPending} onClick={start}>
          {t('try.start')}
        </Button>
      </div>
    );
  const nameOf = (key: string) => nodeName(flow.nodes.find((n) => n.key === key) ?? { key });
  return (
    <div className="bb-try">
      <ul className="bb-chat" tabIndex={0} aria-label={t('script.tabs.try')} aria-live="polite">
        {result.turns.map((turn, i) => (
          <li key={i} className={`is-${turn.who}`}>
            <p>{turn.text}</p>
            <small>{[turn.node && nameOf(turn.node), turn.intent && t('try.understood', { intent: intentName(turn.intent, turn.intent_name) }), turn.why && plainReason(turn.why)].filter(Boolean).join(' · ')}</small>
          </li>
        ))}
        {result.ended && (
          <li className="bb-chat-end">
            {t('try.ended')} {result.label && <LabelTag label={{ key: result.label.key, name: result.label.name ?? word('label', result.label.key) }} />}
            {result.label?.rule && <small>{result.label.rule}</small>}
          </li>
        )}
        <div ref={end} />
      </ul>
      {ask.error && <Trouble error={ask.error} />}
      {!result.ended && (
        <Input.TextArea
          ref={input}
          autoFocus
          autoSize={{ minRows: 1, maxRows: 3 }}
          value={text}
          placeholder={t('try.placeholder')}
          aria-label={t('try.placeholder')}
          readOnly={ask.isPending}
          onChange={(e) => setText(e.target.value)}
          onPressEnter={(e) => {
            if (e.nativeEvent.isComposing || e.shiftKey) return;
            e.preventDefault();
            say();
          }}
        />
      )}
      <Button size="small" onClick={start} loading={ask.isPending}>
        {t('try.again')}
      </Button>
    </div>
  );
}

/** A built-in intent in the reader's language, one of the script's own as the script calls it. */
const intentName = (key: string, name: string | null | undefined): string => (name && !BUILTIN.some((k) => k === key) ? name : word('intent', key));
