/// A state in one word. Dark text on a soft ground, so that it passes contrast where antd's tags do not.
import type { ReactNode } from 'react';
import './status-tag.css';

export type Tone = 'neutral' | 'primary' | 'success' | 'warning' | 'danger';

export function StatusTag({ tone = 'neutral', dot = false, children }: { tone?: Tone; dot?: boolean; children: ReactNode }) {
  return (
    <span className={`bb-tag bb-tag-${tone}`}>
      {dot && <i className="bb-tag-dot" aria-hidden="true" />}
      <span className="bb-tag-text">{children}</span>
    </span>
  );
}
