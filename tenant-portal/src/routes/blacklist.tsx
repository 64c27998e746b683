export { BlacklistPage as Component } from '@/features/contacts/BlacklistPage';
