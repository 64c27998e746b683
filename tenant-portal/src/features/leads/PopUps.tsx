/// Offers and appointments that came due. With the queue open they stand at its foot, on other pages at the foot of the
/// menu: beside what the agent works on, never over it.
import { useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { DueNotice } from './DueNotice';
import { LeadOffer } from './LeadOffer';
import { useQueuePlace } from './place';

function makeFrame(): HTMLElement {
  const frame = document.createElement('div');
  frame.className = 'bb-popups';
  return frame;
}

export function PopUps() {
  const queue = useQueuePlace((q) => q.place);
  const menu = useRef<HTMLDivElement>(null);
  // The frame itself moves, so that what stands in it is not begun anew: a seen appointment stays seen, a clip plays on.
  const [frame] = useState(makeFrame);
  useLayoutEffect(() => (queue ?? menu.current)?.append(frame), [queue, frame]);
  useLayoutEffect(() => () => frame.remove(), [frame]);
  return (
    <div ref={menu}>
      {createPortal(
        <>
          <DueNotice />
          <LeadOffer />
        </>,
        frame,
      )}
    </div>
  );
}
