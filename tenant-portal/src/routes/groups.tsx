export { GroupsPage as Component } from '@/features/contacts/GroupsPage';
