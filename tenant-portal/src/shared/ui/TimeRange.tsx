/// A filter by time. Its values live in the address, as those of the other filters.
import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';

type RangeProps = { from: string; to: string; onChange: (change: { from: string | null; to: string | null }) => void };

/** From one minute to another; either end may be open. */
export function TimeRange({ from, to, onChange }: RangeProps) {
  const { t } = useTranslation();
  return (
    <DatePicker.RangePicker
      allowEmpty={[true, true]}
      showTime={{ format: 'HH:mm' }}
      format="YYYY-MM-DD HH:mm"
      style={{ width: 306 }}
      placeholder={[t('calls.from'), t('calls.to')]}
      value={[from ? dayjs(from) : null, to ? dayjs(to) : null]}
      presets={[
        { label: t('calls.today'), value: [dayjs().startOf('day'), dayjs().endOf('day')] },
        { label: t('calls.week'), value: [dayjs().subtract(6, 'day').startOf('day'), dayjs().endOf('day')] },
      ]}
      onChange={(range) => onChange({ from: range?.[0]?.toISOString() ?? null, to: range?.[1]?.toISOString() ?? null })}
    />
  );
}
