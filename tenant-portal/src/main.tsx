import 'antd/dist/reset.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import './app/theme.css';
import './shared/ui/page.css';
import { startI18n } from './shared/i18n';
import { usePrefs } from './shared/prefs';

document.documentElement.dataset.theme = usePrefs.getState().theme;
const root = document.getElementById('root');
if (root) void startI18n().then(() => createRoot(root).render(<App />));
