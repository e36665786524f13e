import fc from 'fast-check';
import { Fifo, type Place } from './fifo.ts';

describe('the line', () => {
  it('does what a plain list does, whatever is put in and taken out', () => {
    const steps = fc.array(fc.oneof(fc.constant('push'), fc.constant('shift'), fc.nat(20)), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (taken) => {
        const line = new Fifo<number>();
        let model: { value: number; place: Place<number> }[] = [];
        let next = 0;
        for (const step of taken) {
          if (step === 'push') model.push({ value: next, place: line.push(next++) });
          else if (step === 'shift') expect(line.shift()).toBe(model.shift()?.value);
          else {
            const chosen = model[step];
            if (chosen !== undefined) line.remove(chosen.place);
            model = model.filter((one) => one !== chosen);
          }
          expect([line.size, line.head]).toEqual([model.length, model[0]?.value]);
          expect(line.places().map(({ value }) => value)).toEqual(model.map(({ value }) => value));
        }
        while (model.length > 0) expect(line.shift()).toBe(model.shift()?.value);
        expect(line.shift()).toBeUndefined();
      }),
    );
  });
});
