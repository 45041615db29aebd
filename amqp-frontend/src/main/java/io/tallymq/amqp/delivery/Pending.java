package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.ChannelWriter;
import io.tallymq.amqp.channel.ReplyQueue;
import io.tallymq.amqp.settle.Holding;
import io.tallymq.broker.SessionListener.DirectReply;
import io.tallymq.broker.SessionListener.ReturnedParts;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import java.util.function.BooleanSupplier;

/** Something that waits to be written on a channel. Event loop only. */
abstract sealed class Pending {
    /** Something to do once all before it is written: for answers that have to follow deliveries. */
    static final class Then extends Pending {
        private final Runnable action;

        Then(Runnable action) {
            this.action = action;
        }

        void run() {
            action.run();
        }
    }

    /** The consumer's held back messages get their turn again. */
    static final class Resume extends Pending {
        private final ConsumerState consumer;

        Resume(ConsumerState consumer) {
            this.consumer = consumer;
        }

        ConsumerState consumer() {
            return consumer;
        }
    }

    /** Messages that the broker assigned; {@link #next} is the first one that is not written yet. */
    abstract static sealed class Messages extends Pending {
        private final Delivery delivery;
        private final Holding holder;
        private final boolean noAck;
        private int next;

        private Messages(Delivery delivery, Holding holder, boolean noAck) {
            this.delivery = delivery;
            this.holder = holder;
            this.noAck = noAck;
            this.next = delivery.from();
        }

        Delivery delivery() {
            return delivery;
        }

        Holding holder() {
            return holder;
        }

        boolean isNoAck() {
            return noAck;
        }

        int next() {
            return next;
        }

        void next(int n) {
            next = n;
        }

        boolean isDone() {
            return next == delivery.to();
        }

        /** Null for those of a queue. */
        StreamReader reader() {
            return null;
        }

        /** All were written, or are not there any more. */
        void gone() {
            if (reader() != null) {
                reader().written();
            }
        }
    }

    /** A message that is in no queue: somebody waits to hear that it was written, or can't be. */
    abstract static sealed class Alone extends Pending {
        private final BooleanSupplier wanted;
        private final Runnable written;
        private boolean begun;

        /** @param wanted whether the channel still takes it; asked before it begins */
        private Alone(BooleanSupplier wanted, Runnable written) {
            this.wanted = wanted;
            this.written = written;
        }

        /** The body's number in the store; 0 when it is at hand. */
        abstract long shared();

        abstract long bodyLength();

        abstract int propertiesLength();

        abstract void writeHead(ChannelWriter writer, DeliveryFrames frames, long tag);

        boolean isStored() {
            return shared() != 0;
        }

        /**
         * Writes all but a body that is in the store.
         *
         * @param tag its own, if it is a delivery
         * @return false when its properties do not fit a frame of this client's: then nothing was written
         */
        boolean begin(ChannelWriter writer, DeliveryFrames frames, long tag) {
            if (!frames.fits(propertiesLength())) {
                return false;
            }
            writeHead(writer, frames, tag);
            begun = true;
            return true;
        }

        boolean isWanted() {
            return wanted.getAsBoolean();
        }

        boolean isBegun() {
            return begun;
        }

        /** It was written, or is not wanted. */
        void end() {
            written.run();
        }
    }

    /** A message that came back and whose body is in the store. */
    static final class Returned extends Alone {
        private final ReturnedParts message;

        Returned(ReturnedParts message, BooleanSupplier wanted, Runnable written) {
            super(wanted, written);
            this.message = message;
        }

        @Override
        void writeHead(ChannelWriter writer, DeliveryFrames frames, long tag) {
            writer.beginContent(message);
        }

        @Override
        int propertiesLength() {
            return message.properties().length;
        }

        @Override
        long shared() {
            return message.shared();
        }

        @Override
        long bodyLength() {
            return message.length();
        }
    }

    /** A direct reply. */
    static final class Replied extends Alone {
        private final DirectReply message;
        private final DirectReplies.Consumer consumer;

        Replied(DirectReply message, DirectReplies.Consumer consumer, BooleanSupplier wanted, Runnable written) {
            super(wanted, written);
            this.message = message;
            this.consumer = consumer;
        }

        DirectReply message() {
            return message;
        }

        DirectReplies.Consumer consumer() {
            return consumer;
        }

        @Override
        void writeHead(ChannelWriter writer, DeliveryFrames frames, long tag) {
            frames.write(this, tag);
            if (isStored()) {
                writer.beginContent();
            }
        }

        @Override
        int propertiesLength() {
            return message.propertiesLength();
        }

        @Override
        long shared() {
            return message.shared();
        }

        @Override
        long bodyLength() {
            return message.bodyLength();
        }
    }

    /** For a consumer. */
    static final class ForConsumer extends Messages {
        private final ConsumerState consumer;

        ForConsumer(Delivery delivery, ConsumerState consumer) {
            super(delivery, consumer.holder(), consumer.isNoAck());
            this.consumer = consumer;
        }

        @Override
        StreamReader reader() {
            return consumer.reader();
        }

        ConsumerState consumer() {
            return consumer;
        }
    }

    /** The answer to a basic.get. */
    static final class ForGet extends Messages {
        private final long remaining;
        private final ReplyQueue.Slot slot;

        ForGet(Reply.Got got, Holding holder, boolean noAck, ReplyQueue.Slot slot) {
            super(got.delivery(), holder, noAck);
            this.remaining = got.remaining();
            this.slot = slot;
        }

        long remaining() {
            return remaining;
        }

        ReplyQueue.Slot slot() {
            return slot;
        }
    }
}
