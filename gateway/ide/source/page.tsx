// The page at /: GraphiQL with the golden queries as tabs. Everything it loads lies in our own bundle, and it asks
// nobody but the gateway that served it.
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { keyOfTab } from './keyOfTab.ts';
import { pageStorage } from './pageStorage.ts';

const fetcher = createGraphiQLFetcher({ url: '/graphql' });
const key = keyOfTab();
const headers = key === undefined ? undefined : JSON.stringify({ Authorization: `Bearer ${key}` }, undefined, 2);

const place = document.getElementById('page');
if (place !== null) {
  createRoot(place).render(
    <GraphiQL
      fetcher={fetcher}
      storage={pageStorage}
      defaultTabs={GOLDEN_TABS}
      defaultHeaders={headers}
      shouldPersistHeaders={false}
    />,
  );
}
