export { ScriptPage as Component } from '@/features/scripts/ScriptPage';
