/// Agents work here; operators and management read the same leads as a list.
import { useRole } from '@/shared/session';
import { LeadList } from './LeadList';
import { Workbench } from './Workbench';

export const LeadsPage = () => (useRole() === 'agent' ? <Workbench /> : <LeadList />);
