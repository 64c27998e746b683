/// A button that opens a short list of actions. Arrow keys move, Escape closes.
import { Popover } from 'antd';
import { useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';

export type Action = { key: string; label: ReactNode; danger?: boolean; disabled?: boolean; onClick: () => void };

export function MenuButton({ actions, head, children }: { actions: Action[]; head?: ReactNode; children: ReactElement }) {
  const [open, setOpen] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const onKey = (e: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll<HTMLButtonElement>('button:not(:disabled)') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (e.key === 'Escape') setOpen(false);
    else if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      buttons[(at + (e.key === 'ArrowDown' ? 1 : -1) + buttons.length) % Math.max(buttons.length, 1)]?.focus();
    }
  };
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      arrow={false}
      open={open}
      onOpenChange={setOpen}
      afterOpenChange={(is) => is && list.current?.querySelector<HTMLButtonElement>('button:not(:disabled)')?.focus()}
      styles={{ container: { padding: 4 } }}
      content={
        <div ref={list} role="menu" className="bb-menu-pop" onKeyDown={onKey} onClick={(e) => e.stopPropagation()}>
          {head && <div className="bb-menu-pop-head" role="presentation">{head}</div>}
          {actions.map((a) => (
            <button
              key={a.key}
              type="button"
              role="menuitem"
              className={a.danger ? 'is-danger' : undefined}
              disabled={a.disabled}
              onClick={() => {
                setOpen(false);
                a.onClick();
              }}
            >
              {a.label}
            </button>
          ))}
        </div>
      }
    >
      {children}
    </Popover>
  );
}
