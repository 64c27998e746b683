/// Why there is nothing here, and the one next action.
import type { ReactNode } from 'react';

export function Empty({ title, why, action }: { title: ReactNode; why?: ReactNode; action?: ReactNode }) {
  return (
    <div className="bb-empty">
      <svg width="56" height="44" viewBox="0 0 56 44" fill="none" aria-hidden="true">
        <rect x="6" y="8" width="44" height="30" rx="5" fill="var(--bb-neutral-soft)" />
        <rect x="13" y="16" width="18" height="3" rx="1.5" fill="var(--bb-line-strong)" />
        <rect x="13" y="23" width="28" height="3" rx="1.5" fill="var(--bb-line)" />
        <rect x="13" y="30" width="22" height="3" rx="1.5" fill="var(--bb-line)" />
      </svg>
      <b>{title}</b>
      {why && <span>{why}</span>}
      {action && <div className="bb-empty-action">{action}</div>}
    </div>
  );
}
