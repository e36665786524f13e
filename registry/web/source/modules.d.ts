// Words for the compiler alone: the little of React that the page uses, as its packages bring no types.

type PageChild = object | string | number | boolean | null | undefined | readonly PageChild[];

/** What any element takes; handlers get the browser's own events' shapes. */
interface PageAttributes {
  readonly [name: string]: unknown;
  readonly key?: string | number;
  readonly children?: PageChild;
  readonly ref?: { current: unknown };
  readonly onClick?: (event: MouseEvent) => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly onSubmit?: (event: SubmitEvent) => void;
  readonly onChange?: (event: { readonly target: HTMLInputElement }) => void;
}

declare module 'react' {
  export function useState<T>(initial: T | (() => T)): [T, (next: T | ((before: T) => T)) => void];
  export function useEffect(effect: () => undefined | (() => void), needs?: readonly unknown[]): void;
  export function useRef<T>(initial: T): { current: T };
}

declare module 'react-dom/client' {
  export function createRoot(place: Element): { render(page: unknown): void };
}

declare module 'react/jsx-runtime' {
  export namespace JSX {
    type Element = object;
    interface ElementChildrenAttribute {
      children: unknown;
    }
    interface IntrinsicAttributes {
      readonly key?: string | number;
    }
    interface IntrinsicElements {
      readonly [name: string]: PageAttributes;
    }
  }
}
