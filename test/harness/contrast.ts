// Measures the contrast of a page's text as people see it: every text against what is painted behind it, by WCAG 2.2.
import type { Page } from 'playwright-core';

/** Runs within the page: gives texts whose contrast is below what their size needs. */
const MEASURE = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const read = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { r, g, b, a: a / 255 };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const behind = (element) => {
    const layers = [];
    for (let at = element; at !== null; at = at.parentElement) layers.push(read(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const faults = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (text === '' || element.closest('script, style, title') || !element.checkVisibility()) continue;
    texts += 1;
    const below = behind(element);
    const ink = over(read(getComputedStyle(element).color), below);
    const [more, less] = [light(ink), light(below)].sort((left, right) => right - left);
    const contrast = (more + 0.05) / (less + 0.05);
    if (contrast < 4.5) faults.push(contrast.toFixed(2) + ' ' + text.slice(0, 40));
  }
  return texts < 5 ? ['there is hardly any text'] : faults;
})()`;

/** Takes an open page; gives each text below 4.5 : 1, with its contrast. */
export function contrastFaults(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(MEASURE);
}
