/// The keys that work here, opened by `?`.
import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';

const EVERYWHERE = [
  ['Ctrl K', 'search'],
  ['?', 'sheet'],
] as const;
const AGENT = [
  ['F2', 'accept'],
  ['1 – 3', 'status'],
  ['Ctrl ↵', 'save'],
] as const;
const PLAYER = [
  ['␣', 'play'],
  ['J', 'back'],
  ['K', 'on'],
] as const;

export default function KeySheet({ agent, listens, onClose }: { agent: boolean; listens: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const groups = [
    { name: t('keys.everywhere'), keys: EVERYWHERE, shown: true },
    { name: t('keys.agent'), keys: AGENT, shown: agent },
    { name: t('keys.player'), keys: PLAYER, shown: listens },
  ];
  return (
    <Modal open title={t('keys.title')} footer={null} onCancel={onClose} width={420}>
      {groups
        .filter((g) => g.shown)
        .map((g) => (
          <section key={g.name} style={{ marginTop: 12 }}>
            <h3 style={{ fontSize: 13 }}>{g.name}</h3>
            <dl style={{ display: 'grid', gridTemplateColumns: '96px 1fr', gap: '6px 12px', margin: '8px 0 0' }}>
              {g.keys.map(([key, what]) => (
                <div key={key} style={{ display: 'contents' }}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd style={{ margin: 0 }}>{t(`keys.${what}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
    </Modal>
  );
}
