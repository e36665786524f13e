// A stream over HTTP, as the request's headers wish it: the answer's head is that of the form, and what is sent goes on
// behind it until the client leaves or the stream ends.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Clock } from '../../../platform/clock.ts';
import { isRefusal, refuse } from '../../requestState.ts';
import { encodeBody, type HttpAnswer } from '../../respond/status.ts';
import type { StreamWish } from '../concludeStream.ts';
import type { AdmittedStream } from '../openStreams.ts';
import { HttpSink } from './httpSink.ts';
import { chooseStreamForm, type StreamForm } from './streamForm.ts';

function begin(stream: AdmittedStream, response: ServerResponse, form: StreamForm, clock: Clock): void {
  if (response.destroyed) {
    stream.drop();
    return;
  }
  const sink = new HttpSink(response, form, clock);
  let leave = (): void => undefined;
  response.once('close', () => leave());
  stream.start(sink).then(
    (begun) => {
      if (isRefusal(begun)) sink.end({ refusal: begun, resumeId: undefined });
      else if (response.destroyed) begun();
      else leave = begun;
    },
    () => sink.end({ refusal: refuse('STREAMS_UNAVAILABLE'), resumeId: undefined }),
  );
}

/** Takes a request's headers; gives the form in which it takes streams, undefined where it takes none. */
export function readStreamForm(headers: IncomingHttpHeaders): StreamForm | undefined {
  return chooseStreamForm(headers.accept);
}

/** Takes the form and a request's headers; gives the wish. */
export function httpWish(form: StreamForm, headers: IncomingHttpHeaders, clock: Clock): StreamWish {
  const last = headers['last-event-id'];
  return {
    transport: form.transport,
    lastEventId: typeof last === 'string' && last !== '' ? last : undefined,
    carry: (stream) => ({
      status: 200,
      // Proxies that gather an answer would hold messages back.
      headers: { 'content-type': form.contentType, 'x-accel-buffering': 'no' },
      body: encodeBody(''),
      live: (response) => begin(stream, response, form, clock),
    }),
  };
}

/** Takes the form and a whole answer with status 200; gives it as that form has it: for operations that are no streams. */
export function answerInForm(form: StreamForm, answer: HttpAnswer): HttpAnswer {
  const { status, headers, body } = answer;
  const text = 'ascii' in body ? body.ascii : body.toString();
  const inForm = encodeBody(`${form.opening}${form.answer(text)}`);
  return { status, headers: { ...headers, 'content-type': form.contentType }, body: inForm };
}
