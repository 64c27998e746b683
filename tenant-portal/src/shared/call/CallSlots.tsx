/// What the bot learned from the customer: the name of each value, and the value with its unit.
import { useTranslation } from 'react-i18next';
import { count } from '@/shared/format/format';
import { Facts } from '@/shared/ui/Page';

/** What was heard without being asked for; where a question asked for the same value, its name says more. */
const HEARD = ['amount', 'time'] as const;
const isHeard = (key: string): key is (typeof HEARD)[number] => HEARD.some((k) => k === key);

export type Slot = { key: string; value: string; sum: boolean };
const DIGITS = /^\d+(\.\d+)?$/;

export function slotsOf(slots: Record<string, string> | null | undefined): Slot[] {
  const all = Object.entries(slots ?? {});
  const named = new Set(all.filter(([key]) => !isHeard(key)).map(([, value]) => value));
  return all.filter(([key, value]) => !(isHeard(key) && named.has(value))).map(([key, value]) => ({ key, value, sum: value === slots?.amount && DIGITS.test(value) }));
}

export function CallSlots({ slots, columns = 2 }: { slots: Slot[]; columns?: number }) {
  const { t } = useTranslation();
  const said = ({ value, sum }: Slot) => {
    const figure = /^[1-9]\d{3,}$/.test(value) ? count(Number(value)) : value;
    if (sum) return t('call.yuan', { n: figure });
    return value === 'yes' || value === 'no' ? t(`common.${value}`) : figure;
  };
  return <Facts columns={columns} items={slots.map((slot) => ({ term: isHeard(slot.key) ? t(`slotKind.${slot.key}`) : slot.key, value: said(slot) }))} />;
}
