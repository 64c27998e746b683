export { UsersPage as Component } from '@/features/identity/UsersPage';
