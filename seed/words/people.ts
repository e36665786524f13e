// Names and places by country: enough of each that a list of customers looks like one. Streets and postal codes follow
// the country's form, `#` is a digit and `@` a letter; all of them are made up.

/** A city and the form of its postal codes. */
export interface City {
  readonly name: string;
  readonly postal: string;
}

/** Where customers come from. */
export interface Country {
  readonly code: string;
  readonly weight: number;
  readonly currency: string;
  /** Units of `currency` for one euro, roughly. */
  readonly rate: number;
  readonly phone: string;
  readonly firstNames: readonly string[];
  readonly lastNames: readonly string[];
  readonly cities: readonly City[];
  readonly streets: readonly string[];
  readonly numberFirst: boolean;
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function cities(text: string): City[] {
  return text.split(',').map((entry) => {
    const [name = '', postal = ''] = entry.split(':');
    return { name: name.trim(), postal: postal.trim() };
  });
}

function streets(text: string): string[] {
  return text.split(',').map((street) => street.trim());
}

const GERMAN_FIRST =
  words(`Anna Lukas Marie Jonas Sophie Felix Lena Maximilian Laura Paul Katharina Jürgen Hannah Tobias
  Greta Stefan Johanna Moritz Clara Björn Franziska Sebastian Nele Matthias Ida Florian Theresa Benedikt`);

/** All countries; the weights are their shares of the customers. */
export const COUNTRIES: readonly Country[] = [
  {
    code: 'DE',
    weight: 24,
    currency: 'EUR',
    rate: 1,
    phone: '+49 30 #######',
    firstNames: GERMAN_FIRST,
    lastNames: words(`Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer
      Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hartmann Lange Krause Lehmann Köhler`),
    cities: cities(
      'Berlin:10###, Hamburg:20###, München:80###, Köln:50###, Frankfurt am Main:60###, Leipzig:04###, Bremen:28###',
    ),
    streets: streets('Hauptstraße, Gartenweg, Lindenallee, Bahnhofstraße, Schillerstraße, Am Markt, Birkenweg'),
    numberFirst: false,
  },
  {
    code: 'GB',
    weight: 16,
    currency: 'GBP',
    rate: 0.86,
    phone: '+44 20 7946 0###',
    firstNames: words(`Oliver Amelia Harry Isla George Ava Noah Emily Jack Lily Charlie Grace Thomas Freya Oscar Poppy
      William Evie James Charlotte Arthur Priya Mohammed Zara Callum Niamh Rhys Eleanor`),
    lastNames: words(`Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans
      Walker White Roberts Green Hall Wood Harris Martin Jackson Clarke Khan Hughes O'Connor`),
    cities: cities(
      'London:SE# #@@, Manchester:M## #@@, Leeds:LS# #@@, Bristol:BS# #@@, Edinburgh:EH# #@@, Cardiff:CF## #@@',
    ),
    streets: streets('High Street, Station Road, Church Lane, Victoria Road, Mill Lane, Park Avenue, Queens Terrace'),
    numberFirst: true,
  },
  {
    code: 'US',
    weight: 16,
    currency: 'USD',
    rate: 1.08,
    phone: '+1 202 555 01##',
    firstNames:
      words(`Liam Emma Noah Olivia Ethan Sophia Mason Isabella Logan Mia Lucas Harper Aiden Evelyn Jacob Abigail
      Daniel Sofia Mateo Camila Jayden Aaliyah Wyatt Chloe Kenji Grace Marcus Naomi`),
    lastNames: words(`Johnson Williams Brown Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Anderson
      Thomas Moore Jackson Lee Thompson White Harris Clark Lewis Nguyen Hill Flores Kim Washington`),
    cities: cities(
      'New York:100##, Chicago:606##, Austin:787##, Seattle:981##, Denver:802##, Boston:021##, Portland:972##',
    ),
    streets: streets(
      'Maple Street, Oak Avenue, Cedar Lane, 5th Avenue, Lake Drive, Sunset Boulevard, Washington Street',
    ),
    numberFirst: true,
  },
  {
    code: 'FR',
    weight: 12,
    currency: 'EUR',
    rate: 1,
    phone: '+33 1 99 00 ## ##',
    firstNames:
      words(`Léa Hugo Chloé Louis Manon Jules Camille Gabriel Inès Arthur Zoé Raphaël Élise Nathan Margaux Théo
      Amélie Antoine Océane Mathis Clémence Baptiste Noémie François`),
    lastNames: words(`Martin Bernard Dubois Thomas Robert Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel Garcia
      David Bertrand Roux Vincent Fournier Morel Girard André Mercier Lambert`),
    cities: cities(
      'Paris:750##, Lyon:690##, Marseille:130##, Toulouse:310##, Nantes:440##, Lille:590##, Bordeaux:330##',
    ),
    streets: streets('rue de la Paix, avenue Victor Hugo, rue des Lilas, boulevard Voltaire, place de la Mairie'),
    numberFirst: true,
  },
  {
    code: 'ES',
    weight: 8,
    currency: 'EUR',
    rate: 1,
    phone: '+34 91 990 ## ##',
    firstNames: words(`Lucía Martín Sofía Pablo Paula Alejandro Valeria Álvaro Carla Adrián Elena Diego Marta Javier
      Carmen Sergio Irene Iván Nuria Andrés`),
    lastNames: words(`García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Ruiz Díaz Moreno Muñoz
      Álvarez Romero Alonso Navarro Torres Domínguez Vázquez`),
    cities: cities('Madrid:280##, Barcelona:080##, Valencia:460##, Sevilla:410##, Bilbao:480##, Málaga:290##'),
    streets: streets('Calle Mayor, Calle del Sol, Avenida de la Constitución, Plaza Nueva, Calle Real'),
    numberFirst: false,
  },
  {
    code: 'SE',
    weight: 6,
    currency: 'SEK',
    rate: 11.4,
    phone: '+46 8 465 004 ##',
    firstNames: words(`Astrid Erik Elsa Oskar Maja Nils Alva Axel Saga Gustav Linnéa Björn Freja Hugo Ebba Sven Åsa
      Lars Ingrid Anders`),
    lastNames: words(`Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Lindberg
      Bergström Sjöberg Åkesson Holm Lindqvist`),
    cities: cities('Stockholm:11# ##, Göteborg:41# ##, Malmö:21# ##, Uppsala:75# ##, Umeå:90# ##'),
    streets: streets('Storgatan, Drottninggatan, Kungsgatan, Skolvägen, Björkvägen'),
    numberFirst: false,
  },
  {
    code: 'PL',
    weight: 6,
    currency: 'PLN',
    rate: 4.3,
    phone: '+48 22 990 ## ##',
    firstNames: words(`Zofia Jakub Julia Antoni Maja Szymon Hanna Jan Alicja Filip Oliwia Michał Agnieszka Paweł
      Małgorzata Łukasz Katarzyna Wojciech`),
    lastNames: words(`Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak
      Dąbrowski Kozłowski Jankowski Mazur Krawczyk`),
    cities: cities('Warszawa:00-###, Kraków:30-###, Łódź:90-###, Wrocław:50-###, Poznań:60-###, Gdańsk:80-###'),
    streets: streets('ul. Polna, ul. Leśna, ul. Słoneczna, ul. Krótka, ul. Szkolna'),
    numberFirst: false,
  },
  {
    code: 'NL',
    weight: 6,
    currency: 'EUR',
    rate: 1,
    phone: '+31 20 990 ## ##',
    firstNames: words(`Daan Emma Sem Julia Bram Tess Lars Sanne Thijs Fleur Jeroen Anouk Ruben Lotte Maarten Femke`),
    lastNames: words(`Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Smits
      Kuipers Veenstra`),
    cities: cities('Amsterdam:10## @@, Rotterdam:30## @@, Utrecht:35## @@, Den Haag:25## @@, Groningen:97## @@'),
    streets: streets('Dorpsstraat, Kerkstraat, Molenweg, Julianalaan, Schoolstraat'),
    numberFirst: false,
  },
  {
    code: 'CH',
    weight: 6,
    currency: 'CHF',
    rate: 0.96,
    phone: '+41 44 990 ## ##',
    firstNames: [...GERMAN_FIRST.slice(0, 14), 'Urs', 'Reto', 'Beat', 'Elodie', 'Luca', 'Chiara'],
    lastNames: words(`Meier Keller Huber Frei Baumann Graf Brunner Gerber Widmer Zürcher Favre Rochat Bernasconi
      Schmid Steiner Suter`),
    cities: cities('Zürich:80##, Bern:30##, Basel:40##, Genève:12##, Lausanne:10##, Luzern:60##'),
    streets: streets('Dorfstrasse, Seestrasse, Bergweg, Bahnhofstrasse, Rosenweg'),
    numberFirst: false,
  },
];
