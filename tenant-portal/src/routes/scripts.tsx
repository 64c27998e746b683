export { ScriptsPage as Component } from '@/features/scripts/ScriptsPage';
