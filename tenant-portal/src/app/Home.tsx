import { Navigate } from 'react-router';
import { homeOf, useRole } from '@/shared/session';

/** The first page of the role's work. */
export const Home = () => <Navigate to={homeOf[useRole()]} replace />;
