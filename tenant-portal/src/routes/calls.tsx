export { CallsPage as Component } from '@/features/calls/CallsPage';
