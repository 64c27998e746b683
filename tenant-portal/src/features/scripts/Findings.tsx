/// What the check before publishing found; each line leads to the field it is about.
import CheckCircleFilled from '@ant-design/icons/CheckCircleFilled';
import CloseCircleFilled from '@ant-design/icons/CloseCircleFilled';
import ExclamationCircleFilled from '@ant-design/icons/ExclamationCircleFilled';
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import { codeText } from '@/shared/i18n/problem-text';
import type { LintFinding } from './api';
import { useFlow } from './editor';
import { nodeName } from './fields';
import { sectionOf, type Flow } from './flow';

type Props = { findings: LintFinding[] | null; /** They are of an earlier flow. */ outdated: boolean; onOpen: (path: string) => void };

export function Findings({ findings, outdated, onOpen }: Props) {
  const { t } = useTranslation();
  const { flow } = useFlow();
  // That nothing was found in an earlier flow says nothing of this one.
  if (findings === null || (outdated && findings.length === 0)) return <p className="bb-muted">{t('script.notChecked')}</p>;
  return (
    <>
      {outdated && <p className="bb-muted">{t('script.outdated')}</p>}
      {findings.length === 0 ? (
        <p className="bb-found-none">
          <CheckCircleFilled /> {t('script.noFindings')}
        </p>
      ) : (
        <ul className="bb-found">
          {findings.map((f, i) => (
            <li key={i}>
              <button type="button" onClick={() => onOpen(f.path)}>
                {f.severity === 'warning' ? <ExclamationCircleFilled className="is-warn" /> : <CloseCircleFilled className="is-bad" />}
                <span>
                  {textOf(f, flow)}
                  <small>{placeOf(f.path, flow, t)}</small>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** A node's key becomes its name, so that the sentence speaks of what the reader sees. */
export function textOf(finding: LintFinding, flow: Flow): string {
  const params = Object.fromEntries(
    Object.entries(finding.params ?? {}).map(([k, v]) => [k, k === 'node' ? nodeName(flow.nodes.find((n) => n.key === v) ?? { key: String(v) }) : k === 'intent' && i18next.exists(`intent.${v}`) ? i18next.t(`intent.${v}`) : v]),
  );
  return i18next.exists(`lint.${finding.code}`) ? i18next.t(`lint.${finding.code}`, params) : (finding.text ?? codeText(finding.code, params) ?? finding.code);
}

export function placeOf(path: string, flow: Flow, t: (key: string) => string): string {
  const section = sectionOf(path);
  if (section.name !== 'node') return t(`script.section.${section.name}`);
  const node = flow.nodes[section.index];
  return node ? nodeName(node) : t('script.section.nodes');
}
