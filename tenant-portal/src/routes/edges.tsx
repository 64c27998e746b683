export { EdgesPage as Component } from '@/features/edges/EdgesPage';
