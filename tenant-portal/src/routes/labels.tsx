export { LabelsPage as Component } from '@/features/scripts/LabelsPage';
