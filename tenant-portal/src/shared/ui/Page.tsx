/// The frame of every page: title, what it is about, its actions, then the content.
import { useId, type ReactNode } from 'react';
import { Link } from 'react-router';
import { useTabTitle } from '../tab';

type Props = {
  title: ReactNode;
  /** The browser tab's name for this page, where the title is more than a text. */
  tab?: string;
  /** One line under the title. */
  note?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; text: string };
  /** `fill` lets one table take the height that is left. */
  fill?: boolean;
  children: ReactNode;
};

export function Page({ title, tab, note, actions, back, fill = false, children }: Props) {
  useTabTitle(tab ?? (typeof title === 'string' ? title : ''));
  return (
    <div className={`bb-page ${fill ? 'bb-page-fill' : ''}`}>
      <header className="bb-page-head">
        <div className="bb-page-title">
          {back && (
            <Link className="bb-page-back" to={back.to}>
              ‹ {back.text}
            </Link>
          )}
          <h1>{title}</h1>
          {note && <p>{note}</p>}
        </div>
        {actions && <div className="bb-page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type PanelProps = {
  title?: ReactNode;
  extra?: ReactNode;
  children: ReactNode;
  className?: string;
  flush?: boolean;
  /** The body scrolls and may hold nothing to focus: the keys must still reach it. */
  scrolls?: boolean;
};

export function Panel(props: PanelProps) {
  const title = useId();
  return (
    <section className={`bb-panel ${props.className ?? ''}`}>
      {(props.title || props.extra) && (
        <header className="bb-panel-head">
          <h2 id={title}>{props.title}</h2>
          {props.extra && <div className="bb-panel-extra">{props.extra}</div>}
        </header>
      )}
      <div className={props.flush ? 'bb-panel-flush' : 'bb-panel-body'} {...(props.scrolls ? { tabIndex: 0, role: 'region', 'aria-labelledby': title } : {})}>
        {props.children}
      </div>
    </section>
  );
}

/** Terms and values in columns. */
export function Facts({ items, columns = 2 }: { items: { term: ReactNode; value: ReactNode; wide?: boolean }[]; columns?: number }) {
  return (
    <dl className="bb-facts" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {items.map((item, i) => (
        <div key={i} style={item.wide ? { gridColumn: '1 / -1' } : undefined}>
          <dt>{item.term}</dt>
          <dd>{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}

export type Figure = { label: ReactNode; value: ReactNode; note?: ReactNode; tone?: 'primary' | 'success' | 'danger' };

/** A row of figures. */
export function Figures({ items }: { items: Figure[] }) {
  return (
    <dl className="bb-figures">
      {items.map((f, i) => (
        <div key={i} className={f.tone ? `bb-figure-${f.tone}` : undefined}>
          <dt>{f.label}</dt>
          <dd>
            <b>{f.value}</b>
            {f.note != null && <span className="bb-figure-note">{f.note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
