/// A figure or its name whose definition shows on hover and focus.
import { Tooltip } from 'antd';
import type { ReactNode } from 'react';

export function Defined({ is, children }: { is: string; children: ReactNode }) {
  return (
    <Tooltip title={is}>
      <span tabIndex={0} className="bb-defined">
        {children}
      </span>
    </Tooltip>
  );
}
