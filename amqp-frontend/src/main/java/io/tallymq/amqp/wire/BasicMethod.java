package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/** Class 60: messages. Exchange names and routing keys of messages stay octets, see {@link ShortString}. */
public sealed interface BasicMethod extends Method {
    /** The prefetch size is in octets; 0 is no limit. */
    record Qos(long prefetchSize, int prefetchCount, boolean global) implements BasicMethod {
        static Qos read(WireReader in) throws WireException {
            return new Qos(in.longUint(), in.shortUint(), in.bit());
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_QOS;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeInt((int) prefetchSize);
            out.writeShort(prefetchCount);
            out.writeBoolean(global);
        }
    }

    record QosOk() implements BasicMethod {

        @Override
        public MethodId id() {
            return MethodId.BASIC_QOS_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    /** An empty consumer tag asks for a tag made by the server. */
    record Consume(
            String queue,
            String consumerTag,
            boolean noLocal,
            boolean noAck,
            boolean exclusive,
            boolean noWait,
            FieldTable arguments)
            implements BasicMethod {
        static Consume read(WireReader in) throws WireException {
            in.shortUint();
            String queue = in.shortString();
            String consumerTag = in.shortString();
            int bits = in.bits();
            FieldTable arguments = in.table();
            return new Consume(
                    queue, consumerTag, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, arguments);
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_CONSUME;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            WireWriter.shortString(out, queue);
            WireWriter.shortString(out, consumerTag);
            WireWriter.bits(out, noLocal, noAck, exclusive, noWait);
            arguments.encode(out);
        }
    }

    record ConsumeOk(String consumerTag) implements BasicMethod {
        static ConsumeOk read(WireReader in) throws WireException {
            return new ConsumeOk(in.shortString());
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_CONSUME_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.shortString(out, consumerTag);
        }
    }

    /** Sent by the server too, if the client has the capability consumer_cancel_notify. */
    record Cancel(String consumerTag, boolean noWait) implements BasicMethod {
        static Cancel read(WireReader in) throws WireException {
            return new Cancel(in.shortString(), in.bit());
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_CANCEL;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.shortString(out, consumerTag);
            out.writeBoolean(noWait);
        }
    }

    record CancelOk(String consumerTag) implements BasicMethod {
        static CancelOk read(WireReader in) throws WireException {
            return new CancelOk(in.shortString());
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_CANCEL_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.shortString(out, consumerTag);
        }
    }

    record Publish(ShortString exchange, ShortString routingKey, boolean mandatory, boolean immediate)
            implements BasicMethod {
        static Publish read(WireReader in) throws WireException {
            in.shortUint();
            ShortString exchange = in.sharedShortString();
            ShortString routingKey = in.sharedShortString();
            int bits = in.bits();
            return new Publish(exchange, routingKey, (bits & 1) != 0, (bits & 2) != 0);
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_PUBLISH;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            exchange.writeTo(out);
            routingKey.writeTo(out);
            WireWriter.bits(out, mandatory, immediate);
        }
    }

    record Return(int replyCode, String replyText, ShortString exchange, ShortString routingKey)
            implements BasicMethod {
        static Return read(WireReader in) throws WireException {
            return new Return(in.shortUint(), in.shortString(), in.sharedShortString(), in.sharedShortString());
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_RETURN;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeShort(replyCode);
            WireWriter.shortText(out, replyText);
            exchange.writeTo(out);
            routingKey.writeTo(out);
        }
    }

    /** The server writes its deliveries with {@link FrameWriter#deliver}. */
    record Deliver(
            String consumerTag, long deliveryTag, boolean redelivered, ShortString exchange, ShortString routingKey)
            implements BasicMethod {
        static Deliver read(WireReader in) throws WireException {
            return new Deliver(
                    in.shortString(), in.longLong(), in.bit(), in.sharedShortString(), in.sharedShortString());
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_DELIVER;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.shortString(out, consumerTag);
            out.writeLong(deliveryTag);
            out.writeBoolean(redelivered);
            exchange.writeTo(out);
            routingKey.writeTo(out);
        }
    }

    record Get(String queue, boolean noAck) implements BasicMethod {
        static Get read(WireReader in) throws WireException {
            in.shortUint();
            String queue = in.shortString();
            boolean noAck = in.bit();
            return new Get(queue, noAck);
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_GET;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            WireWriter.shortString(out, queue);
            out.writeBoolean(noAck);
        }
    }

    /** The message count is what remains ready after this message. */
    record GetOk(long deliveryTag, boolean redelivered, ShortString exchange, ShortString routingKey, long messageCount)
            implements BasicMethod {
        static GetOk read(WireReader in) throws WireException {
            return new GetOk(in.longLong(), in.bit(), in.sharedShortString(), in.sharedShortString(), in.longUint());
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_GET_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeLong(deliveryTag);
            out.writeBoolean(redelivered);
            exchange.writeTo(out);
            routingKey.writeTo(out);
            out.writeInt((int) messageCount);
        }
    }

    record GetEmpty() implements BasicMethod {
        static GetEmpty read(WireReader in) throws WireException {
            in.skipShortString();
            return new GetEmpty();
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_GET_EMPTY;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeByte(0);
        }
    }

    /** From a consumer, or as a publisher confirm. */
    record Ack(long deliveryTag, boolean multiple) implements BasicMethod {
        static Ack read(WireReader in) throws WireException {
            return new Ack(in.longLong(), in.bit());
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_ACK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeLong(deliveryTag);
            out.writeBoolean(multiple);
        }
    }

    record Reject(long deliveryTag, boolean requeue) implements BasicMethod {
        static Reject read(WireReader in) throws WireException {
            return new Reject(in.longLong(), in.bit());
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_REJECT;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeLong(deliveryTag);
            out.writeBoolean(requeue);
        }
    }

    record RecoverAsync(boolean requeue) implements BasicMethod {
        static RecoverAsync read(WireReader in) throws WireException {
            return new RecoverAsync(in.bit());
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_RECOVER_ASYNC;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeBoolean(requeue);
        }
    }

    record Recover(boolean requeue) implements BasicMethod {
        static Recover read(WireReader in) throws WireException {
            return new Recover(in.bit());
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_RECOVER;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeBoolean(requeue);
        }
    }

    record RecoverOk() implements BasicMethod {

        @Override
        public MethodId id() {
            return MethodId.BASIC_RECOVER_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    /** RabbitMQ extension, in both directions. */
    record Nack(long deliveryTag, boolean multiple, boolean requeue) implements BasicMethod {
        static Nack read(WireReader in) throws WireException {
            long deliveryTag = in.longLong();
            int bits = in.bits();
            return new Nack(deliveryTag, (bits & 1) != 0, (bits & 2) != 0);
        }

        @Override
        public MethodId id() {
            return MethodId.BASIC_NACK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeLong(deliveryTag);
            WireWriter.bits(out, multiple, requeue);
        }
    }
}
