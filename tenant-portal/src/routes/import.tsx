export { ImportPage as Component } from '@/features/contacts/ImportPage';
