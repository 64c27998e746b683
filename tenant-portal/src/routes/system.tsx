export { SystemPage as Component } from '@/features/system/SystemPage';
