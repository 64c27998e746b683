export { ContactPage as Component } from '@/features/contacts/ContactPage';
