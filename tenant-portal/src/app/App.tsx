/// Theme, language and server state around the router.
import { QueryClientProvider } from '@tanstack/react-query';
import { App as AntApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RouterProvider } from 'react-router';
import { usePrefs } from '@/shared/prefs';
import { makeQueryClient } from './query';
import { makeRouter } from './router';
import { themeOf, useThemeOnPage } from './theme';

export function App() {
  const { i18n } = useTranslation();
  const theme = usePrefs((p) => p.theme);
  const [client] = useState(makeQueryClient);
  const [router] = useState(() => makeRouter(client));
  const chinese = i18n.language !== 'en';
  useThemeOnPage(theme);
  useEffect(() => void dayjs.locale(chinese ? 'zh-cn' : 'en'), [chinese]);
  return (
    <ConfigProvider theme={themeOf(theme)} locale={chinese ? zhCN : enUS} button={{ autoInsertSpace: false }}>
      <AntApp style={{ height: '100%' }} notification={{ placement: 'topRight', top: 64, bottom: 24 }}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
