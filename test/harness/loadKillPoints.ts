// What `--import` loads before a part's own program: the points at which a fault test ends it (killPoints.ts).
import { obeyTest, standInDriver } from './killPoints.ts';

standInDriver();
obeyTest();
