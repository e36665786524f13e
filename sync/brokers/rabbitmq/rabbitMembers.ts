// Who is in a group: members tell each other that they are there, so that each knows which queues it should read. It is
// a division of work and no lock: a queue has one reader at a time by RabbitMQ's own rule, whatever members believe.
import type { Channel } from 'rabbitmq-client';
import { drawId } from '../../../platform/random.ts';
import { keepChannel, type KeptChannel, type RabbitContext } from './rabbitChannel.ts';

const HERE_EVERY_MS = 2_000;
/** Who was not heard for so long is gone. */
const GONE_AFTER_MS = 7_000;

/** The members as one of them knows them. */
export class RabbitMembers {
  private readonly context: RabbitContext;
  private readonly exchange: string;
  private readonly onChange: () => void;
  private readonly me = drawId();
  private readonly heardMs = new Map<string, number>();
  private channel: Channel | undefined;
  private cancelBeat = (): void => undefined;
  private readonly kept: KeptChannel;

  constructor(context: RabbitContext, exchange: string, onChange: () => void) {
    this.context = context;
    this.exchange = exchange;
    this.onChange = onChange;
    this.kept = keepChannel(context, (channel) => this.begin(channel));
    this.beat();
  }

  /** Whether it is for this member to read the share with that number. */
  isMine(share: number): boolean {
    const all = [this.me, ...this.heardMs.keys()].sort();
    return all[share % all.length] === this.me;
  }

  async close(): Promise<void> {
    this.cancelBeat();
    await this.say('gone');
    await this.kept.close();
  }

  private async begin(channel: Channel): Promise<() => void> {
    const { exchange } = this;
    await channel.exchangeDeclare({ exchange, type: 'fanout', autoDelete: true });
    const { queue } = await channel.queueDeclare({ exclusive: true, autoDelete: true });
    await channel.queueBind({ queue, exchange });
    await channel.basicConsume({ queue, noAck: true }, ({ messageId = '', type }) => this.hear(messageId, type));
    this.channel = channel;
    await this.say('here');
    return () => (this.channel = undefined);
  }

  private hear(member: string, what: string | undefined): void {
    if (member === this.me) return;
    const isKnown = this.heardMs.has(member);
    if (what === 'gone') this.heardMs.delete(member);
    else this.heardMs.set(member, this.context.clock.steadyMs());
    if (isKnown === this.heardMs.has(member)) return;
    if (!isKnown) void this.say('here');
    this.onChange();
  }

  private async say(what: 'here' | 'gone'): Promise<void> {
    const envelope = { exchange: this.exchange, routingKey: '', messageId: this.me, type: what };
    await this.channel?.basicPublish(envelope, Buffer.alloc(0)).catch(() => undefined);
  }

  private beat(): void {
    this.cancelBeat = this.context.clock.after(HERE_EVERY_MS, () => {
      const { clock } = this.context;
      const gone = [...this.heardMs].filter(([, heardMs]) => clock.steadyMs() - heardMs > GONE_AFTER_MS);
      for (const [member] of gone) this.heardMs.delete(member);
      if (gone.length > 0) this.onChange();
      void this.say('here');
      this.beat();
    });
  }
}
