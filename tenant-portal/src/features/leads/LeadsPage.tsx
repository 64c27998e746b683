/// Agents work here; operators and management read the same leads as a list.
import { useDoes } from '@/shared/session';
import { LeadList } from './LeadList';
import { Workbench } from './Workbench';

export const LeadsPage = () => (useDoes('leads') ? <Workbench /> : <LeadList />);
