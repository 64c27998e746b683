/// Search and selects above a list. Every value lives in the address.
import { Button, Input, Select } from 'antd';
import SearchOutlined from '@ant-design/icons/SearchOutlined';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useDebounced } from '@/shared/hooks/debounced';
import { SavedViews, type Viewed } from './SavedViews';

type BarProps<K extends string> = { children: ReactNode; dirty: boolean; onClear: () => void; count?: ReactNode; /** Where filters can be saved under a name. */ views?: Viewed<K> };

export function FilterBar<K extends string>({ children, dirty, onClear, count, views }: BarProps<K>) {
  const { t } = useTranslation();
  return (
    <div className="bb-filters" role="search">
      {children}
      {views && <SavedViews {...views} />}
      {dirty && (
        <Button type="link" size="small" onClick={onClear}>
          {t('common.clearFilters')}
        </Button>
      )}
      {count != null && <span className="bb-filters-count" title={typeof count === 'string' ? count : undefined}>{count}</span>}
    </div>
  );
}

/** Typed text goes on when typing stops; a composing input method is left in peace. */
export function SearchInput({ value, onChange, placeholder, width = 240 }: { value: string; onChange: (v: string) => void; placeholder: string; width?: number }) {
  const [text, setText] = useState(value);
  const [composing, setComposing] = useState(false);
  const settled = useDebounced(composing ? value : text, 300);
  const [seen, setSeen] = useState(value);
  if (value !== seen) {
    setSeen(value);
    if (value !== text.trim()) setText(value);
  }
  useEffect(() => {
    if (settled.trim() !== value && settled === text) onChange(settled.trim());
    // Only a settled text is news; the others are read as they are then.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [settled]);
  return (
    <Input
      allowClear
      aria-label={placeholder}
      prefix={<SearchOutlined style={{ color: 'var(--bb-text-3)' }} />}
      placeholder={placeholder}
      style={{ width }}
      value={text}
      onChange={(e) => setText(e.target.value)}
      onCompositionStart={() => setComposing(true)}
      onCompositionEnd={() => setComposing(false)}
    />
  );
}

type PickProps = { value: string; onChange: (v: string | null) => void; label: string; options: { value: string; label: ReactNode }[]; width?: number };

export function Pick({ value, onChange, label, options, width = 150 }: PickProps) {
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      aria-label={label}
      placeholder={label}
      style={{ width }}
      popupMatchSelectWidth={false}
      value={value || undefined}
      options={options}
      onChange={(v: string | undefined) => onChange(v ?? null)}
    />
  );
}
