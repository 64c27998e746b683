export { Login as Component } from '@/features/identity/Login';
