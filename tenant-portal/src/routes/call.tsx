export { CallPage as Component } from '@/features/calls/CallPage';
