import { chmodSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckedSupergraphs, type CheckedText } from './checkedSupergraphs.ts';

const FOUND: CheckedText = { apiSdl: 'type Query { a: Int }', subgraphs: [['a', 'http://a']] };

function newFolder(): string {
  return join(mkdtempSync(join(tmpdir(), 'checked-')), 'folder');
}

describe('the checks that are kept', () => {
  it('recalls what was kept, after a restart too', () => {
    const folder = newFolder();
    new CheckedSupergraphs(folder, '1').keep('sdl', FOUND);
    expect(new CheckedSupergraphs(folder, '1').recall('sdl')).toEqual(FOUND);
  });

  it('recalls nothing of another text, or of another version of what checks', () => {
    const folder = newFolder();
    new CheckedSupergraphs(folder, '1').keep('sdl', FOUND);
    expect(new CheckedSupergraphs(folder, '1').recall('sdl ')).toBeUndefined();
    expect(new CheckedSupergraphs(folder, '2').recall('sdl')).toBeUndefined();
  });

  it('believes no file that was cut off or holds something else', () => {
    const folder = newFolder();
    const checked = new CheckedSupergraphs(folder, '1');
    for (const content of ['{"apiSdl":"type', '{}', '{"apiSdl":"a","subgraphs":[["a"]]}', 'null']) {
      checked.keep('sdl', FOUND);
      for (const name of readdirSync(folder)) writeFileSync(join(folder, name), content);
      expect(checked.recall('sdl')).toBeUndefined();
    }
  });

  it('believes no folder that others can write, and none behind a link', () => {
    const folder = newFolder();
    const checked = new CheckedSupergraphs(folder, '1');
    checked.keep('sdl', FOUND);
    const link = `${folder}-link`;
    symlinkSync(folder, link);
    expect(new CheckedSupergraphs(link, '1').recall('sdl')).toBeUndefined();
    chmodSync(folder, 0o777);
    expect(checked.recall('sdl')).toBeUndefined();
  });

  it('keeps the latest sixteen', () => {
    const folder = newFolder();
    const checked = new CheckedSupergraphs(folder, '1');
    for (let count = 0; count < 20; count++) checked.keep(`sdl ${count}`, FOUND);
    expect(readdirSync(folder)).toHaveLength(16);
    expect(checked.recall('sdl 19')).toEqual(FOUND);
  });

  it('goes without a folder that cannot be made', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'checked-')), 'file');
    writeFileSync(file, '');
    const checked = new CheckedSupergraphs(join(file, 'folder'), '1');
    checked.keep('sdl', FOUND);
    expect(checked.recall('sdl')).toBeUndefined();
  });
});
