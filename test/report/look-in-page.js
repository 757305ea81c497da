// Evaluated in a page: what is wider than it, how much of each chart is painted, and words that hardly differ from what is behind them.
(() => {
  const CONTRAST_MIN = 4.5;
  const all = [...document.querySelectorAll('body *')];
  const channel = (value) => (value <= 10.3 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).map(Number);
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!colour.endsWith(', 0)')) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const contrast = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  const hasWords = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
  const told = all.filter((element) => hasWords(element) && element.checkVisibility());
  const isPale = (element) => contrast(light(getComputedStyle(element).color), light(behind(element))) < CONTRAST_MIN;
  const painted = (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((alpha, index) => index % 4 === 3 && alpha > 0).length;
  };
  const isScrolled = (element) => element.parentElement.closest('.scroll, pre') !== null;
  const isWide = (element) => element.getBoundingClientRect().right > innerWidth + 1;
  return {
    wide: all.filter((element) => !isScrolled(element) && isWide(element)).map(({ outerHTML }) => outerHTML.slice(0, 200)),
    charts: [...document.querySelectorAll('figure canvas')].map(painted),
    words: told.length,
    pale: told.filter(isPale).map(({ outerHTML }) => outerHTML.slice(0, 200)),
  };
})();
