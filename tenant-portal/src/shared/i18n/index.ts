/// Chinese first; English is fetched when chosen. The catalogue is the repository's own locales folder.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

export type Language = 'zh-CN' | 'en';
const KEY = 'bellbird.language';

type Catalogue = { ui: Record<string, unknown>; problem?: Record<string, unknown> };

const load: Record<Language, () => Promise<Catalogue>> = {
  'zh-CN': async () => (await import('@locales/zh-CN.json')).default as Catalogue,
  en: async () => (await import('@locales/en.json')).default as Catalogue,
};

export const storedLanguage = (): Language => (localStorage.getItem(KEY) === 'en' ? 'en' : 'zh-CN');

async function add(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'translation')) return;
  const { ui, problem } = await load[language]();
  i18next.addResourceBundle(language, 'translation', { ...ui, problem: problem ?? {} });
}

export async function startI18n(): Promise<void> {
  const language = storedLanguage();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await add(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function chooseLanguage(language: Language): Promise<void> {
  await add(language);
  localStorage.setItem(KEY, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}
