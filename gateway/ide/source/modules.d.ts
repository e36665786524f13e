// Words for the compiler alone: what a bundler gives for `?raw`, and the little of React that the page touches.
declare module '*?raw' {
  const text: string;
  export default text;
}

declare module 'react-dom/client' {
  export function createRoot(place: Element): { render(page: unknown): void };
}

declare module 'react/jsx-runtime' {
  export namespace JSX {
    type Element = object;
    interface IntrinsicElements {
      readonly [name: string]: object;
    }
  }
}
