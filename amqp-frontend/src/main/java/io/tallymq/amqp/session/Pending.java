package io.tallymq.amqp.session;

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
    }

    /** A message that came back and whose body is in the store. */
    static final class Returned extends Pending {
        private final ReturnedParts message;
        private final BooleanSupplier wanted;
        private final Runnable written;
        private boolean begun;

        /** @param wanted whether the channel still takes it; asked before it begins */
        Returned(ReturnedParts message, BooleanSupplier wanted, Runnable written) {
            this.message = message;
            this.wanted = wanted;
            this.written = written;
        }

        ReturnedParts message() {
            return message;
        }

        boolean isWanted() {
            return wanted.getAsBoolean();
        }

        boolean isBegun() {
            return begun;
        }

        void begun() {
            begun = true;
        }

        /** It was written, or is not wanted. */
        void end() {
            written.run();
        }
    }

    /** For a consumer. */
    static final class ForConsumer extends Messages {
        private final ConsumerState consumer;

        ForConsumer(Delivery delivery, ConsumerState consumer) {
            super(delivery, consumer.holder(), consumer.isNoAck());
            this.consumer = consumer;
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
