// The page at /: GraphiQL with the golden queries as tabs. Everything it loads lies in our own bundle, and it asks
// nobody but the gateway that served it.
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import behaviourSegment from '../../../examples/queries/behaviourSegment.graphql?raw';
import behaviourSegmentVariables from '../../../examples/queries/behaviourSegment.variables.json?raw';
import campaignAttribution from '../../../examples/queries/campaignAttribution.graphql?raw';
import customer360 from '../../../examples/queries/customer360.graphql?raw';
import customer360Variables from '../../../examples/queries/customer360.variables.json?raw';
import orderList from '../../../examples/queries/orderList.graphql?raw';

const fetcher = createGraphiQLFetcher({ url: '/graphql' });

const tabs = [
  { query: customer360, variables: customer360Variables },
  { query: campaignAttribution },
  { query: behaviourSegment, variables: behaviourSegmentVariables },
  { query: orderList },
];

const place = document.getElementById('page');
if (place !== null) {
  createRoot(place).render(<GraphiQL fetcher={fetcher} defaultTabs={tabs} shouldPersistHeaders={false} />);
}
