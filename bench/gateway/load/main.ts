// The process of the load: takes one job after the other over its channel and answers with its figures, or with why it
// failed.
import { runLoad, type LoadJob } from './runLoad.ts';

process.on('message', (job: LoadJob) => {
  runLoad(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ failed: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
