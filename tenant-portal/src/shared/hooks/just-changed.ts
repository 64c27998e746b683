import { useEffect, useState } from 'react';

/**
 * True for a moment after a value has changed. A button whose act changes with it waits for that long: the second of two
 * slow clicks was meant for what it did before.
 */
export function useJustChanged(value: string, ms = 700): boolean {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled !== value;
}
