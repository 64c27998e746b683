/// A table of any length: only the rows in sight are in the document. Pages arrive by cursor as the end comes near.
import { observeElementRect, useVirtualizer } from '@tanstack/react-virtual';
import { Button } from 'antd';
import { memo, useCallback, useEffect, useMemo, useRef, useState, type MouseEvent, type ReactNode, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { Tick } from './Tick';
import './data-table.css';

export type Column<Row> = {
  key: string;
  title: ReactNode;
  /** A CSS grid track: `120px`, `minmax(160px, 1fr)`. */
  width: string;
  align?: 'right' | 'center';
  /** A text that may take a second line before it is cut. */
  wraps?: boolean;
  render: (row: Row) => ReactNode;
};

type Selection = { selected: ReadonlySet<string>; onChange: (next: Set<string>) => void };

type Props<Row> = {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  loading?: boolean;
  /** These rows answer another question: the filter has changed and the answer is on its way. */
  dim?: boolean;
  empty?: ReactNode;
  hasMore?: boolean;
  /** The next rows were asked for and did not come. */
  failed?: boolean;
  onMore?: () => void;
  onOpen?: (row: Row) => void;
  selection?: Selection;
  rowTone?: (row: Row) => 'danger' | 'muted' | 'active' | undefined;
  rowHeight?: number;
  /** Texts are shown whole: a row is as tall as what it holds. For tables that are scrolled little. */
  grows?: boolean;
  /** Height of the scrolling box; by default it fills what is left of the page. */
  height?: number;
  /** As tall as its rows instead, up to this. */
  most?: number;
  footer?: ReactNode;
};

const SELECT_TRACK = '40px';
const SIDE_PADDING = 16;
/** Rows come and go so many at a time: most steps of scrolling only move what is there. */
const BLOCK = 12;
/** Rows that are in the document at least, above and below those in sight. */
const MARGIN = 4;
/** With so few rows left below those in the document the next ones are asked for. */
const NEAR_END = 12;

/** The least width of a grid track: `120px` and `minmax(120px, 1fr)` both say 120. */
const leastOf = (track: string): number => Number(/(\d+)px/.exec(track)?.[1] ?? 0);

export function DataTable<Row>(props: Props<Row>) {
  const { label, columns, rows, rowKey, loading = false, dim = false, empty, hasMore = false, failed = false, onMore, onOpen, selection } = props;
  const { rowTone, rowHeight = 44, grows = false, height, most, footer } = props;
  const { t } = useTranslation();
  const template = [selection ? SELECT_TRACK : null, ...columns.map((c) => c.width)].filter(Boolean).join(' ');
  const minWidth = SIDE_PADDING + (selection ? leastOf(SELECT_TRACK) : 0) + columns.reduce((sum, c) => sum + leastOf(c.width), 0);
  const selected = selection?.selected;
  const onSelect = selection?.onChange;
  // Counted when the rows or the choice change, not whenever the page says something new.
  const keys = useMemo(() => (selected ? rows.map(rowKey) : []), [selected, rows, rowKey]);
  const chosen = useMemo(() => (selected?.size ? keys.filter((k) => selected.has(k)).length : 0), [selected, keys]);
  const first = loading && rows.length === 0;
  const style = most ? { maxHeight: most, minHeight: 0, flex: 'none' } : height ? { height, minHeight: 0, flex: 'none' } : undefined;
  const toggle = useCallback(
    (key: string) => {
      const next = new Set(selected);
      if (!next.delete(key)) next.add(key);
      onSelect?.(next);
    },
    [selected, onSelect],
  );
  const head = (
    <>
      <div className="bb-table-head" role="row" style={{ gridTemplateColumns: template, minWidth }}>
        {selection && (
          <div role="columnheader" className="bb-cell">
            <Tick label={t('common.selectAll')} checked={chosen > 0 && chosen === keys.length} some={chosen > 0} onChange={(all) => selection.onChange(new Set(all ? keys : []))} />
          </div>
        )}
        {columns.map((c) => (
          <div key={c.key} role="columnheader" className={`bb-cell bb-${c.align ?? 'left'}`}>
            {c.title}
          </div>
        ))}
      </div>
      {first && <SkeletonRows template={template} tracks={columns.length + (selection ? 1 : 0)} height={rowHeight} />}
      {!first && rows.length === 0 && (
        <div role="row" className="bb-table-empty">
          <div role="cell">{empty}</div>
        </div>
      )}
    </>
  );
  const tail = (
    <>
      {!first && loading && <div className="bb-table-more">{t('common.loadingMore')}</div>}
      {failed && (
        <div className="bb-table-more" role="alert">
          {t('common.moreFailed')}{' '}
          <Button size="small" onClick={onMore}>
            {t('common.retry')}
          </Button>
        </div>
      )}
    </>
  );

  const Shown = grows ? GrowingBox : Box;
  return (
    <div className="bb-table" style={style}>
      <Shown
        label={label}
        busy={loading || dim}
        dim={dim}
        head={head}
        tail={tail}
        rows={rows}
        rowKey={rowKey}
        rowTone={rowTone}
        selected={selected}
        onNearEnd={hasMore && !loading && !dim && !failed ? onMore : undefined}
        line={{ columns: columns as Column<unknown>[], height: rowHeight, template, minWidth, onTick: selected ? toggle : undefined, tickLabel: t('common.selectRow'), onOpen: onOpen as LineProps['onOpen'] }}
      />
      {footer && <div className="bb-table-foot">{footer}</div>}
    </div>
  );
}

type BoxProps<Row> = Pick<Props<Row>, 'label' | 'rows' | 'rowKey' | 'rowTone'> & {
  busy: boolean;
  dim: boolean;
  head: ReactNode;
  tail: ReactNode;
  selected: ReadonlySet<string> | undefined;
  onNearEnd: (() => void) | undefined;
  /** What every row has in common. */
  line: Omit<LineProps, 'row' | 'id' | 'index' | 'tone' | 'ticked' | 'top' | 'measure'>;
};

/** What scrolls. Scrolling renders this and the rows that come into sight, and leaves what stands around them as it is. */
function Box<Row>(around: BoxProps<Row>) {
  const { rows, rowKey, rowTone, selected, line } = around;
  const box = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState(0);
  const size = BLOCK * line.height;
  const margin = MARGIN * line.height;
  // An item is a block of rows. What is padded above them lets a block go only when it is that far out of sight.
  const virtual = useVirtualizer<HTMLDivElement, Element>({
    count: Math.ceil(rows.length / BLOCK),
    getScrollElement: () => box.current,
    estimateSize: () => size,
    paddingStart: margin,
    overscan: 0,
    observeElementRect: (instance, tell) =>
      observeElementRect(instance, (rect) => {
        setSight(rect.height);
        tell(rect);
      }),
  });
  const [block] = virtual.getVirtualItems();
  // As many blocks as can ever be in sight: one comes at the step at which another goes.
  const blocks = block ? Math.ceil((sight + 2 * margin) / size) + 1 : 0;
  const from = (block?.index ?? 0) * BLOCK;
  const shown = rows.slice(from, from + blocks * BLOCK);
  const nearEnd = from + shown.length >= rows.length - NEAR_END;

  return (
    <Frame {...around} box={box} height={rows.length * line.height} nearEnd={nearEnd}>
      {shown.map((row, i) => {
        const key = rowKey(row);
        return <Line key={key} {...line} row={row} id={key} index={from + i} tone={rowTone?.(row)} ticked={selected?.has(key)} />;
      })}
    </Frame>
  );
}

/** As the other, with each row measured once it is in the document. */
function GrowingBox<Row>(around: BoxProps<Row>) {
  const { rows, rowKey, rowTone, selected, line } = around;
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: rows.length,
    getScrollElement: () => box.current,
    getItemKey: (index) => rowKey(rows[index] as Row),
    estimateSize: () => line.height,
    overscan: MARGIN,
  });
  const shown = virtual.getVirtualItems();
  const nearEnd = (shown.at(-1)?.index ?? 0) >= rows.length - NEAR_END;

  return (
    <Frame {...around} box={box} height={virtual.getTotalSize()} nearEnd={nearEnd}>
      {shown.map(({ index, start }) => {
        const row = rows[index] as Row;
        const key = rowKey(row);
        return <Line key={key} {...line} row={row} id={key} index={index} top={start} measure={virtual.measureElement} tone={rowTone?.(row)} ticked={selected?.has(key)} />;
      })}
    </Frame>
  );
}

type FrameProps = Pick<BoxProps<never>, 'label' | 'busy' | 'dim' | 'head' | 'tail' | 'onNearEnd'> & {
  box: RefObject<HTMLDivElement | null>;
  rows: readonly unknown[];
  height: number;
  nearEnd: boolean;
  children: ReactNode;
};

/** The scrolling box around the rows; it asks for more of them near their end. */
function Frame({ box, label, rows, busy, dim, head, tail, onNearEnd, height, nearEnd, children }: FrameProps) {
  useEffect(() => {
    if (nearEnd) onNearEnd?.();
  }, [nearEnd, onNearEnd, rows.length]);
  return (
    <div ref={box} className="bb-table-box" tabIndex={0} role="table" aria-label={label} aria-rowcount={rows.length + 1} aria-busy={busy} onMouseOver={nameWhatIsCut}>
      {head}
      <div role="rowgroup" style={{ height, position: 'relative', opacity: dim ? 0.5 : undefined }}>
        {children}
      </div>
      {tail}
    </div>
  );
}

type LineProps = {
  row: unknown;
  columns: Column<unknown>[];
  id: string;
  index: number;
  height: number;
  /** Where it stands, in a table whose rows are not all as tall. */
  top?: number;
  measure?: (row: HTMLDivElement | null) => void;
  template: string;
  minWidth: number;
  tone: 'danger' | 'muted' | 'active' | undefined;
  ticked: boolean | undefined;
  onTick: ((id: string) => void) | undefined;
  tickLabel: string;
  onOpen: ((row: unknown) => void) | undefined;
};

/** One row. Scrolling makes the rows that come into sight and leaves the others as they are. */
const Line = memo(function Line({ row, columns, id, index, height, top, measure, template, minWidth, tone, ticked, onTick, tickLabel, onOpen }: LineProps) {
  return (
    <div
      ref={measure}
      data-index={measure && index}
      role="row"
      aria-rowindex={index + 2}
      className={`bb-row ${measure ? 'bb-row-grows' : ''} ${onOpen ? 'bb-row-open' : ''} ${tone ? `bb-row-${tone}` : ''}`}
      style={{ gridTemplateColumns: template, minWidth, ...(measure ? { minHeight: height } : { height }), top: top ?? index * height }}
      onClick={onOpen ? (e) => !isControl(e.target, e.currentTarget) && onOpen(row) : undefined}
    >
      {onTick && (
        <div role="cell" className="bb-cell">
          <Tick label={tickLabel} checked={ticked ?? false} onChange={() => onTick(id)} />
        </div>
      )}
      {columns.map((c) => (
        <div key={c.key} role="cell" className={`bb-cell bb-${c.align ?? 'left'}`}>
          {c.wraps ? <span className="bb-wraps">{c.render(row)}</span> : c.render(row)}
        </div>
      ))}
    </div>
  );
});

/** A cell whose text does not fit says it whole in a tooltip. */
function nameWhatIsCut({ target }: MouseEvent) {
  const cell = target instanceof Element ? target.closest<HTMLElement>('.bb-cell') : null;
  if (!cell) return;
  if ([cell, ...cell.querySelectorAll('.bb-wraps, .bb-tag-text')].some(isCut)) cell.title = cell.textContent ?? '';
  else cell.removeAttribute('title');
}

/** Tall letters reach out of their line by a pixel or two and are not cut. */
const isCut = (text: Element): boolean => text.scrollWidth > text.clientWidth || text.scrollHeight > text.clientHeight + 4;

/** A click on a link, button or box inside a row is for that control, not for the row. */
function isControl(target: EventTarget, row: Element): boolean {
  const hit = target instanceof Element ? target.closest('a,button,label,input,textarea,[role=menuitem],.ant-modal-root,.ant-dropdown') : null;
  return (hit !== null && row.contains(hit)) || (target instanceof Node && !row.contains(target));
}

function SkeletonRows({ template, tracks, height }: { template: string; tracks: number; height: number }) {
  return (
    <div aria-hidden="true">
      {Array.from({ length: 8 }, (_, i) => (
        <div key={i} className="bb-row bb-row-skeleton" style={{ gridTemplateColumns: template, height }}>
          {Array.from({ length: tracks }, (_, j) => (
            <div key={j} className="bb-cell">
              <i style={{ width: `${45 + ((i * 7 + j * 13) % 40)}%` }} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
