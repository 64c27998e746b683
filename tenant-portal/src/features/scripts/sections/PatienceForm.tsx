/// What the bot does when nobody speaks, or when it did not understand.
import { Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import { useFlow } from '../editor';
import { Field, NodePick, SpokenList } from '../fields';
import type { Patience, Path } from '../flow';

export function PatienceForm() {
  const { t } = useTranslation();
  const { flow } = useFlow();
  return (
    <div className="bb-form">
      {(['silence', 'not_understood'] as const).map((key) => (
        <section key={key} className="bb-item" data-path={`/${key}`}>
          <header>
            <b>{t(`script.${key}`)}</b>
          </header>
          <PatienceFields path={[key]} value={flow[key]} />
        </section>
      ))}
    </div>
  );
}

export function PatienceFields({ path, value }: { path: Path; value: Patience }) {
  const { t } = useTranslation();
  const { set } = useFlow();
  return (
    <>
      <Field label={t('script.patienceReplies')} path={[...path, 'replies']} hint={t('script.patienceHint')}>
        <SpokenList path={[...path, 'replies']} value={value.replies} label={t('script.patienceReplies')} />
      </Field>
      <div className="bb-checks">
        <Checkbox checked={value.ask_again ?? false} onChange={(e) => set([...path, 'ask_again'], e.target.checked)}>
          {t('script.askAgain')}
        </Checkbox>
      </div>
      <Field label={t('script.patienceThen')} path={[...path, 'then']}>
        <NodePick path={[...path, 'then']} value={value.then} label={t('script.patienceThen')} />
      </Field>
    </>
  );
}
