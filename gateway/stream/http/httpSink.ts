// A stream over HTTP: what is sent waits until the reader took what was sent before, and a reader who takes nothing for
// too long is cut off. Where it stands goes with every message.
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../platform/clock.ts';
import { LIMITS } from '../../admit/limits.ts';
import type { StreamEnd, StreamMessage, StreamSink } from '../liveStream.ts';
import type { StreamForm } from './streamForm.ts';

/** Writes a stream into a response whose head is written. */
export class HttpSink implements StreamSink {
  private readonly response: ServerResponse;
  private readonly form: StreamForm;
  private readonly clock: Clock;

  constructor(response: ServerResponse, form: StreamForm, clock: Clock) {
    this.response = response;
    this.form = form;
    this.clock = clock;
    response.write(form.opening);
  }

  send(message: StreamMessage): Promise<void> {
    return this.write(this.form.next(message));
  }

  beat(id: string | undefined): void {
    if (!this.response.writableNeedDrain) void this.write(this.form.beat(id));
  }

  end(end: StreamEnd): void {
    const { response, form, clock } = this;
    if (response.destroyed) return;
    response.end(form.end(end));
    // Who takes nothing would hold the connection for ever.
    const cancel = clock.after(LIMITS.answerStalledMs.value, () => response.destroy());
    response.once('close', cancel);
  }

  private write(text: string): Promise<void> {
    const { response, clock } = this;
    if (response.destroyed || response.writableEnded || response.write(text)) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.after(LIMITS.streamStalledMs.value, () => response.destroy());
      const taken = (): void => {
        cancel();
        response.off('drain', taken);
        response.off('close', taken);
        resolve();
      };
      response.once('drain', taken);
      response.once('close', taken);
    });
  }
}
