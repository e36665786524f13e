// What is sold: categories with their seasons, kinds of things with their prices, and the words before them.

/** A kind of thing: its name and its price in minor units of the euro, before the quality changes it. */
export interface Ware {
  readonly noun: string;
  readonly priceMinor: number;
}

/** A category of the catalogue. */
export interface Category {
  readonly code: string;
  readonly name: string;
  readonly weight: number;
  /** How well it sells in each month, January first; 1 is an ordinary month. */
  readonly season: readonly number[];
  readonly wares: readonly Ware[];
}

function wares(text: string): Ware[] {
  return text.split(',').map((entry) => {
    const [noun = '', price = '0'] = entry.split(':');
    return { noun: noun.trim(), priceMinor: Math.round(Number(price) * 100) };
  });
}

/** The words before a ware's name, and what each does to its price. */
export const QUALITIES = [
  { word: 'Classic', factor: 1 },
  { word: 'Nordic', factor: 1.25 },
  { word: 'Everyday', factor: 0.8 },
  { word: 'Studio', factor: 1.6 },
  { word: 'Heritage', factor: 2.1 },
] as const;

/** All categories: each ware comes in every quality, 60 wares make 300 products. */
export const CATEGORIES: readonly Category[] = [
  {
    code: 'HOM',
    name: 'Home and kitchen',
    weight: 20,
    season: [0.8, 0.8, 0.9, 0.9, 1, 0.9, 0.8, 0.8, 1, 1.1, 1.9, 2.3],
    wares: wares(
      'Kettle:44.9, Chef Knife:59, Cast Iron Pan:69.9, Coffee Grinder:89, Table Lamp:54.9, Wool Throw:74, Cutting Board:29.9, Linen Napkins:24.9, Storage Jars:19.9',
    ),
  },
  {
    code: 'ELE',
    name: 'Electronics',
    weight: 18,
    season: [0.9, 0.8, 0.8, 0.8, 0.8, 0.9, 0.9, 0.9, 1.1, 1, 2.8, 2.4],
    wares: wares(
      'Headphones:129, Bluetooth Speaker:79, Keyboard:99, Webcam:69, Power Bank:39.9, Smart Plug:24.9, E-Reader:139, Desk Charger:49.9, Fitness Band:89',
    ),
  },
  {
    code: 'FAS',
    name: 'Fashion',
    weight: 20,
    season: [0.8, 0.8, 1.3, 1.3, 1.1, 0.9, 0.8, 0.9, 1.4, 1.2, 1.6, 1.5],
    wares: wares(
      'Merino Sweater:89, Rain Jacket:119, Chinos:69, Linen Shirt:64.9, Scarf:34.9, Leather Belt:44.9, Canvas Sneakers:79, Wool Socks:14.9, Backpack:99',
    ),
  },
  {
    code: 'GAR',
    name: 'Garden',
    weight: 10,
    season: [0.3, 0.5, 1.4, 2.2, 2.4, 1.9, 1.3, 0.9, 0.7, 0.5, 0.4, 0.4],
    wares: wares(
      'Pruning Shears:32.9, Watering Can:27.9, Herb Planter:22.9, Garden Chair:79, Fire Bowl:149, Bird Feeder:24.9, Hose Reel:64.9',
    ),
  },
  {
    code: 'SPO',
    name: 'Sports and outdoors',
    weight: 12,
    season: [1.5, 1.1, 1, 1.2, 1.5, 1.4, 1.2, 0.9, 0.9, 0.8, 1.1, 1.3],
    wares: wares(
      'Yoga Mat:39.9, Trail Shoes:129, Water Bottle:24.9, Sleeping Bag:119, Headlamp:34.9, Cycling Gloves:29.9, Dumbbells:54.9, Daypack:69',
    ),
  },
  {
    code: 'TOY',
    name: 'Toys and games',
    weight: 8,
    season: [0.5, 0.6, 0.8, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 1, 2.6, 3.4],
    wares: wares(
      'Wooden Train:49.9, Board Game:39.9, Jigsaw Puzzle:19.9, Plush Bear:24.9, Building Blocks:44.9, Kite:22.9',
    ),
  },
  {
    code: 'BOO',
    name: 'Books and paper',
    weight: 7,
    season: [0.9, 0.8, 0.9, 0.9, 0.9, 1, 1.1, 1, 1.2, 1, 1.5, 2.6],
    wares: wares(
      'Notebook:14.9, Cookbook:29.9, Travel Guide:19.9, Fountain Pen:39.9, Wall Calendar:16.9, Sketch Pad:12.9',
    ),
  },
  {
    code: 'OFF',
    name: 'Office',
    weight: 5,
    season: [1.5, 1, 1, 0.9, 0.9, 0.8, 0.7, 1.1, 1.6, 1.1, 1.2, 0.8],
    wares: wares(
      'Desk Organizer:34.9, Monitor Stand:59, Office Chair:249, Desk Mat:29.9, Filing Box:18.9, Whiteboard:84',
    ),
  },
];
