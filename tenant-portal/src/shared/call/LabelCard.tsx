/// The label of a call and why: the rule in words, and what the customer said.
import { useTranslation } from 'react-i18next';
import type { LabelWhy } from '@/api/types';
import { LabelTag } from '@/shared/domain/tags';
import { spoken } from '@/shared/format/format';
import './call.css';

export function LabelCard({ label }: { label: LabelWhy }) {
  const { t } = useTranslation();
  return (
    <div className="bb-label-card">
      <div>
        <LabelTag label={label} />
      </div>
      {label.quote && <blockquote>{spoken(label.quote)}</blockquote>}
      {label.rule && (
        <p>
          {t('call.because')}
          {label.rule}
        </p>
      )}
    </div>
  );
}
