export { ContactsPage as Component } from '@/features/contacts/ContactsPage';
