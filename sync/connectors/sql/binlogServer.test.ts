import { hasReached, lackingGrants, printOf } from './binlogServer.ts';

describe('the grants for a binlog', () => {
  it.each([
    ['GRANT USAGE ON *.* TO `a`@`%`', ['REPLICATION SLAVE', 'REPLICATION CLIENT']],
    ['GRANT REPLICATION SLAVE ON *.* TO `a`@`%`', ['REPLICATION CLIENT']],
    ['GRANT BINLOG MONITOR ON *.* TO `a`@`%`', ['REPLICATION SLAVE']],
    ['GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `a`@`%`', []],
    ['GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD ...', []],
    ['GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION', []],
    ['GRANT ALL PRIVILEGES ON `shop`.* TO `a`@`%`', ['REPLICATION SLAVE', 'REPLICATION CLIENT']],
  ])('that are lacking are named: %s', (line, lacking) => {
    expect(lackingGrants(['GRANT SELECT ON `shop`.* TO `a`@`%`', line])).toEqual(lacking);
  });
});

describe('a place in a binlog', () => {
  it.each([
    [{ file: 'b.000001', position: 10 }, { file: 'b.000001', position: 10 }, true],
    [{ file: 'b.000001', position: 9 }, { file: 'b.000001', position: 10 }, false],
    [{ file: 'b.000002', position: 4 }, { file: 'b.000001', position: 10 }, true],
    [{ file: 'b.999999', position: 99 }, { file: 'b.1000000', position: 4 }, false],
  ])('is compared by the number of its file, then within it: %j, %j', (at, end, isReached) => {
    expect(hasReached(at, end)).toBe(isReached);
  });
});

describe('the print of a declaration', () => {
  it('differs by name, type, character set and order', () => {
    const id = { COLUMN_NAME: 'id', COLUMN_TYPE: 'int(11)', CHARACTER_SET_NAME: null };
    const name = { COLUMN_NAME: 'name', COLUMN_TYPE: 'varchar(9)', CHARACTER_SET_NAME: 'utf8mb4' };
    const prints = [
      [id, name],
      [name, id],
      [id, { ...name, CHARACTER_SET_NAME: 'latin1' }],
      [id, { ...name, COLUMN_TYPE: 'varchar(10)' }],
      [id, { ...name, COLUMN_NAME: 'label' }],
    ].map(printOf);
    expect(new Set(prints).size).toBe(prints.length);
    expect(printOf([{ ...id }, { ...name }])).toBe(prints[0]);
  });
});
