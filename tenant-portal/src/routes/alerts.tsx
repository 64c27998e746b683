export { AlertsPage as Component } from '@/features/alerts/AlertsPage';
