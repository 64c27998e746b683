/// The sider, grouped by the work of the role.
import type { ComponentType } from 'react';
import AlertOutlined from '@ant-design/icons/AlertOutlined';
import ApartmentOutlined from '@ant-design/icons/ApartmentOutlined';
import AuditOutlined from '@ant-design/icons/AuditOutlined';
import BarChartOutlined from '@ant-design/icons/BarChartOutlined';
import CloudServerOutlined from '@ant-design/icons/CloudServerOutlined';
import ContactsOutlined from '@ant-design/icons/ContactsOutlined';
import CustomerServiceOutlined from '@ant-design/icons/CustomerServiceOutlined';
import DashboardOutlined from '@ant-design/icons/DashboardOutlined';
import FileTextOutlined from '@ant-design/icons/FileTextOutlined';
import FolderOutlined from '@ant-design/icons/FolderOutlined';
import PhoneOutlined from '@ant-design/icons/PhoneOutlined';
import SendOutlined from '@ant-design/icons/SendOutlined';
import StopOutlined from '@ant-design/icons/StopOutlined';
import TagsOutlined from '@ant-design/icons/TagsOutlined';
import TeamOutlined from '@ant-design/icons/TeamOutlined';
import { sees, type Area, type Granted } from '@/shared/session';

export type MenuItem = { area: Area; icon: ComponentType };
export type MenuGroup = { key: string; items: MenuItem[] };

const groups: MenuGroup[] = [
  {
    key: 'outreach',
    items: [
      { area: 'campaigns', icon: SendOutlined },
      { area: 'contacts', icon: ContactsOutlined },
      { area: 'groups', icon: FolderOutlined },
      { area: 'blacklist', icon: StopOutlined },
    ],
  },
  { key: 'agents', items: [{ area: 'leads', icon: CustomerServiceOutlined }] },
  {
    key: 'scripting',
    items: [
      { area: 'scripts', icon: FileTextOutlined },
      { area: 'labels', icon: TagsOutlined },
    ],
  },
  {
    key: 'review',
    items: [
      { area: 'calls', icon: PhoneOutlined },
      { area: 'reports', icon: BarChartOutlined },
    ],
  },
  {
    key: 'administration',
    items: [
      { area: 'users', icon: TeamOutlined },
      { area: 'trunks', icon: ApartmentOutlined },
      { area: 'edges', icon: CloudServerOutlined },
      { area: 'alerts', icon: AlertOutlined },
      { area: 'audit', icon: AuditOutlined },
      { area: 'system', icon: DashboardOutlined },
    ],
  },
];

export const menuOf = (granted: Granted): MenuGroup[] =>
  groups.map((g) => ({ ...g, items: g.items.filter((i) => sees(granted, i.area)) })).filter((g) => g.items.length > 0);
