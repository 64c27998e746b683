export { TrunksPage as Component } from '@/features/trunks/TrunksPage';
