/// antd's tokens, equal to the values of theme.css.
import { theme as antd, type ThemeConfig } from 'antd';
import { useLayoutEffect } from 'react';

export type ThemeName = 'light' | 'dark';

const light = {
  colorPrimary: '#0958d9',
  // antd's own hover is too pale for white words.
  colorPrimaryHover: '#1668dc',
  colorInfo: '#0958d9',
  colorLink: '#0958d9',
  colorSuccess: '#1a7f4b',
  colorWarning: '#94580a',
  colorError: '#c0262d',
  colorErrorHover: '#ad1f26',
  colorText: '#1d2633',
  colorTextSecondary: '#4a5668',
  colorTextTertiary: '#5c687c',
  colorTextDescription: '#5c687c',
  colorTextPlaceholder: '#6b7688',
  colorTextDisabled: '#7a8496',
  colorBorder: '#cfd6e0',
  colorBorderSecondary: '#e4e8ee',
  colorBgLayout: '#f4f6f9',
};

const dark = {
  colorPrimary: '#6ea0f5',
  colorPrimaryHover: '#8bb4f8',
  colorInfo: '#6ea0f5',
  colorLink: '#6ea0f5',
  colorSuccess: '#62cf97',
  colorWarning: '#e3b155',
  colorError: '#f58b8b',
  colorErrorHover: '#f8a9a9',
  colorText: '#e7ebf2',
  colorTextSecondary: '#b6c0cf',
  colorTextTertiary: '#93a0b4',
  colorTextDescription: '#93a0b4',
  colorTextPlaceholder: '#8b97ab',
  colorBorder: '#3b4557',
  colorBorderSecondary: '#2a3240',
  colorBgLayout: '#10141b',
  colorBgContainer: '#171c25',
  colorBgElevated: '#1c222d',
  colorTextLightSolid: '#10141b',
};

export const themeOf = (name: ThemeName): ThemeConfig => ({
  algorithm: name === 'dark' ? antd.darkAlgorithm : antd.defaultAlgorithm,
  token: {
    ...(name === 'dark' ? dark : light),
    // In English quotation marks come from another font.
    fontFamily: 'var(--bb-font)',
    fontSize: 14,
    borderRadius: 6,
    controlHeight: 32,
    // Where nothing moves, no movement ends: antd would keep the spinner of a button that is done.
    motion: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    motionDurationMid: '0.12s',
    motionDurationSlow: '0.16s',
    boxShadowTertiary: 'none',
  },
  components: {
    Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' },
    Form: { itemMarginBottom: 16, verticalLabelPadding: '0 0 4px' },
    // On the page's own grey and on white alike.
    Segmented: name === 'light' ? { trackBg: '#e4e8ee' } : { trackBg: '#262e3b', itemSelectedBg: '#3b4557' },
    Tooltip: name === 'light' ? { colorBgSpotlight: '#1d2633' } : { colorBgSpotlight: '#2a3240', colorTextLightSolid: '#e7ebf2' },
  },
});

/** Before any effect of a page runs: what is drawn by hand reads its colours from the page. */
export const useThemeOnPage = (name: ThemeName): void =>
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = name;
  }, [name]);
