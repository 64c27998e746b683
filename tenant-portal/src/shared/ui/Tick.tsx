/// A checkbox light enough for every row of a long table.
import { useEffect, useRef } from 'react';

type Props = { label: string; checked: boolean; some?: boolean; onChange: (checked: boolean) => void };

export function Tick({ label, checked, some = false, onChange }: Props) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = some && !checked;
  }, [some, checked]);
  return <input ref={box} type="checkbox" className="bb-tick" aria-label={label} checked={checked} onChange={(e) => onChange(e.target.checked)} />;
}
