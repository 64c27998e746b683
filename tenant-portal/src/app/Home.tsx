import { Navigate } from 'react-router';
import { homeOf, useGranted } from '@/shared/session';

/** The first page of the person's work. */
export const Home = () => <Navigate to={homeOf(useGranted())} replace />;
