// Words for the compiler alone: what vite.config.ts puts into the page, and the little of React that it touches.

/** The golden queries with their variables, as GraphiQL takes its tabs. */
declare const GOLDEN_TABS: { query: string; variables?: string }[];

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
