/// The steps of the flow and its global parts; a mark where the check found something.
import { useTranslation } from 'react-i18next';
import type { LintFinding } from './api';
import { useFlow } from './editor';
import { nodeName } from './fields';
import { sectionOf, type Section } from './flow';

const GLOBAL = ['faq', 'objections', 'intents', 'variables', 'patience', 'ending', 'voice', 'labels'] as const;

export function Steps({ section, onOpen, findings }: { section: Section; onOpen: (s: Section) => void; findings: LintFinding[] }) {
  const { t } = useTranslation();
  const { flow } = useFlow();
  const faulty = (s: Section) =>
    findings.some((f) => {
      const at = sectionOf(f.path);
      return at.name === s.name && (at.name !== 'node' || s.name !== 'node' || at.index === s.index);
    });
  const item = (s: Section, label: string, extra?: string) => {
    const active = s.name === section.name && (s.name !== 'node' || (section.name === 'node' && s.index === section.index));
    return (
      <li key={s.name === 'node' ? `n${s.index}` : s.name}>
        <button type="button" aria-current={active || undefined} onClick={() => onOpen(s)}>
          <span>{label}</span>
          {faulty(s) ? <i className="bb-step-mark" title={t('script.hasFindings')} /> : extra && <small>{extra}</small>}
        </button>
      </li>
    );
  };
  const size = { faq: flow.faq?.length, objections: flow.objections?.length, intents: flow.intents?.length, variables: flow.variables?.length, labels: flow.labels?.length } as Record<string, number | undefined>;
  return (
    <nav className="bb-script-steps" aria-label={t('script.section.nodes')}>
      <h2>{t('script.section.nodes')}</h2>
      <ul>{flow.nodes.map((n, i) => item({ name: 'node', index: i }, nodeName(n), t(`nodeKind.${n.kind}`)))}</ul>
      <h2>{t('script.section.global')}</h2>
      <ul>{GLOBAL.map((name) => item({ name }, t(`script.section.${name}`), size[name] != null ? String(size[name]) : undefined))}</ul>
    </nav>
  );
}
